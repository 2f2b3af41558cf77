import { english, portuguese } from "@pedidos/domain";
import { formatJson, joinLines } from "./format-json.ts";

const NAMES = ["orderId", "customerId", "items", "product", "quantity", "unitPrice"] as const;
const translated = new Map(NAMES.map((name) => [`"${portuguese[name]}": `, `"${english[name]}": `]));

/** → a rejected body as a text to fix: laid out, and in the English form, from either form. */
export function toEnglish(body: string, isPortuguese: boolean): string {
  const lines = formatJson(body);
  if (lines === undefined) return body;
  if (!isPortuguese) return joinLines(lines);
  return joinLines(
    lines.map((line) => {
      const key = /^"[^"]*": /.exec(line.text)?.[0] ?? "";
      return { ...line, text: (translated.get(key) ?? key) + line.text.slice(key.length) };
    }),
  );
}
