/** → a value of a schema: its own example, or one made of its parts'; undefined if none has any. */
export function exampleOf(schema: object): unknown {
  if ("examples" in schema && Array.isArray(schema.examples)) return schema.examples[0];
  if ("anyOf" in schema && Array.isArray(schema.anyOf)) return exampleOf(schema.anyOf[0]);
  if ("items" in schema && typeof schema.items === "object" && schema.items !== null) return [exampleOf(schema.items)];
  return undefined;
}
