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
  return json(description, Type.Unsafe<Value>({ ...schemaOf(value), examples: [value] }));
}

/** Every member is required, and elements are like the first one. */
function schemaOf(value: unknown): object {
  if (Array.isArray(value)) return { type: "array", items: schemaOf(value[0]) };
  if (typeof value !== "object" || value === null) return { type: typeof value };
  const members = Object.entries(value);
  const properties = Object.fromEntries(members.map(([name, member]) => [name, schemaOf(member)]));
  return { type: "object", properties, required: Object.keys(value) };
}
