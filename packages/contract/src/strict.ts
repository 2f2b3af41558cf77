import type { TSchema } from "typebox";

/** → the schema, taking no member that it does not name, however deep: for tests of what is really answered. */
export function strict(schema: object): TSchema {
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strictIn(value)]));
  return "properties" in schema ? { ...inner, additionalProperties: false } : inner;
}

function strictIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strictIn);
  return typeof value === "object" && value !== null ? strict(value) : value;
}
