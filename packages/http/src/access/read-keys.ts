import { readFileSync } from "node:fs";
import { type Scope, scopes } from "@pedidos/contract";

/** A bearer key; only its digest is known. */
export type Key = { readonly name: string; readonly digest: Buffer; readonly scopes: ReadonlySet<Scope> };

export type ReadKeys =
  | { readonly kind: "keys"; readonly keys: readonly Key[] }
  | { readonly kind: "problem"; readonly problem: string };

/** Reads a file of keys: JSON, `[{"name", "sha256", "scopes": […]}]`, `sha256` the hexadecimal digest of a key. */
export function readKeys(file: string): ReadKeys {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "an error";
    return { kind: "problem", problem: `cannot be read (${code})` };
  }
  return parseKeys(text);
}

/** Parses the text of such a file. A problem names the entry by number and name, and never shows its digest. */
export function parseKeys(text: string): ReadKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "problem", problem: "is not JSON" };
  }
  if (!Array.isArray(value)) return { kind: "problem", problem: "is not a JSON array" };
  const keys: Key[] = [];
  for (const [index, entry] of value.entries()) {
    const key = parseKey(entry);
    if (typeof key === "string") return { kind: "problem", problem: `has a bad entry ${index + 1}: ${key}` };
    keys.push(key);
  }
  return { kind: "keys", keys };
}

/** → the scope of that name, or undefined. */
export function parseScope(text: unknown): Scope | undefined {
  return scopes.find((scope) => scope === text);
}

function parseKey(entry: unknown): Key | string {
  if (typeof entry !== "object" || entry === null) return "it is not an object";
  const { name, sha256, scopes: names }: Record<string, unknown> = { ...entry };
  if (typeof name !== "string" || name === "") return 'it has no "name"';
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256))
    return `"sha256" of ${name} is not 64 hexadecimal digits`;
  if (!Array.isArray(names)) return `"scopes" of ${name} is not an array`;
  const granted = new Set<Scope>();
  for (const text of names) {
    const scope = parseScope(text);
    if (scope === undefined) return `${name} has the unknown scope ${JSON.stringify(text)}`;
    granted.add(scope);
  }
  return { name, digest: Buffer.from(sha256, "hex"), scopes: granted };
}
