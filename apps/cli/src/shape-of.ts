import type { Static } from "@pedidos/contract";
import { type TSchema, Unsafe } from "typebox";

const RULES = ["const", "enum", "format", "maxItems", "maximum", "minItems", "minimum", "pattern"];

/** → the schema without its bounds and words: they are the server's to keep, and a newer one may know others. */
export function shapeOf<Schema extends TSchema>(schema: Schema) {
  const text = JSON.stringify(schema, (key, value) => (RULES.includes(key) ? undefined : value));
  return Unsafe<Static<Schema>>(JSON.parse(text));
}
