/** → a copy of a schema, or of what holds schemas, in which those that have a name (`$id`) are referred to by it. */
export function referWithin(schema: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]));
}

function refer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refer);
  if (typeof value !== "object" || value === null) return value;
  return "$id" in value ? { $ref: `${value.$id}#` } : referWithin(value);
}
