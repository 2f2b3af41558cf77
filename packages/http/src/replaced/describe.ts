import * as Type from "typebox";
import { type JsonAnswer, json } from "../route.ts";
import { JSON_TYPE, type Refusal, type RefusalForm } from "../server/answer.ts";

/** The replaced system's routes refuse with `{"error": …}`, the faults in words. */
export const errorForm: RefusalForm = {
  type: JSON_TYPE,
  schema: {
    type: "object",
    properties: { error: { type: "string" } },
    required: ["error"],
    examples: [{ error: "Pedido não encontrado" }],
  },
  write: (refusal) => JSON.stringify({ error: detailOf(refusal) }),
};

function detailOf({ detail, extra }: Refusal): string {
  const faults = extra?.errors;
  if (!Array.isArray(faults)) return detail;
  return `Pedido inválido: ${faults.map((fault) => `${fault.pointer} ${fault.detail}`.trim()).join("; ")}`;
}

/** An answer of the given members, described by an example. */
export function example<Value extends object>(description: string, value: Value): JsonAnswer<Type.TUnsafe<Value>> {
  const properties = Object.fromEntries(Object.entries(value).map(([name, of]) => [name, { type: typeOf(of) }]));
  return json(
    description,
    Type.Unsafe<Value>({ type: "object", properties, required: Object.keys(value), examples: [value] }),
  );
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
