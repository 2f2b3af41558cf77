import * as Type from "typebox";
import { titlesOf } from "../openapi/describe.ts";
import type { Answer, JsonAnswer } from "../route.ts";

const error = {
  type: "object",
  properties: { error: { type: "string" } },
  required: ["error"],
  examples: [{ error: "Pedido não encontrado" }],
};

/** `{"error": …}` for these statuses. */
export function errorAnswers(...statuses: number[]): Record<number, Answer> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: titlesOf(status), content: { "application/json": { schema: error } } },
    ]),
  );
}

/** An answer of the given members, described by an example. */
export function example<Value extends object>(description: string, value: Value): JsonAnswer<Type.TUnsafe<Value>> {
  const properties = Object.fromEntries(Object.entries(value).map(([name, of]) => [name, { type: typeOf(of) }]));
  const schema = Type.Unsafe<Value>({ type: "object", properties, required: Object.keys(value), examples: [value] });
  return { description, content: { "application/json": { schema } } };
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
