import { titlesOf } from "../openapi/describe.ts";
import type { Answer } from "../route.ts";

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
export function example(description: string, value: Readonly<Record<string, unknown>>): Answer {
  const properties = Object.fromEntries(Object.entries(value).map(([name, of]) => [name, { type: typeOf(of) }]));
  const schema = { type: "object", properties, required: Object.keys(value), examples: [value] };
  return { description, content: { "application/json": { schema } } };
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
