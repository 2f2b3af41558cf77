/** What a key, or anyone, may do; each route names the scope that it needs. */
export const scopes = [
  "orders:write",
  "orders:read",
  "rejections:manage",
  "operations:manage",
  "metrics:read",
  "legacy",
] as const;
export type Scope = (typeof scopes)[number];

/** → the scope of that name, or undefined. */
export function parseScope(text: unknown): Scope | undefined {
  return scopes.find((scope) => scope === text);
}
