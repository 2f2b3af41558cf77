import { readFileSync, statSync } from "node:fs";
import { KEY_NAME, type Scope, scopes } from "@pedidos/contract";
import { readInstant } from "@pedidos/domain";

/** A bearer key; only its digest is known. */
export type Key = {
  readonly name: string;
  readonly digest: Buffer;
  readonly scopes: ReadonlySet<Scope>;
  /** In ms since 1970; undefined: never. */
  readonly expiresAt?: number | undefined;
};

export type ReadKeys =
  | {
      readonly kind: "keys";
      readonly keys: readonly Key[];
      /** What the operator should know of the file, though it is used. */
      readonly warning?: string;
    }
  | { readonly kind: "problem"; readonly problem: string };

const MEMBERS = ["name", "sha256", "scopes", "expiresAt"];
const MAX_SHOWN = 100;
/** Permission bits of a file that every user of the machine has. */
const [READ_BY_ALL, WRITTEN_BY_ALL] = [0o004, 0o002];

/**
 * Reads a file of keys: JSON, `[{"name", "sha256", "scopes": […], "expiresAt"?}]`, `sha256` the hexadecimal digest of a key.
 * It is read even if every user may read it, as where secrets are mounted so: digests of random keys open nothing.
 */
export function readKeys(file: string): ReadKeys {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(file, "utf8");
    mode = statSync(file).mode;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "an error";
    return { kind: "problem", problem: `cannot be read (${code})` };
  }
  const read = parseKeys(text);
  const may = [...((mode & READ_BY_ALL) > 0 ? ["read"] : []), ...((mode & WRITTEN_BY_ALL) > 0 ? ["change"] : [])];
  if (read.kind === "problem" || may.length === 0) return read;
  return { ...read, warning: `every user of this machine may ${may.join(" and ")} it: chmod o= takes that away` };
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
    const problem = typeof key === "string" ? key : findDouble(keys, key);
    if (problem !== undefined) return { kind: "problem", problem: `has a bad entry ${index + 1}: ${problem}` };
    if (typeof key !== "string") keys.push(key);
  }
  return { kind: "keys", keys };
}

/** → the scope of that name, or undefined. */
export function parseScope(text: unknown): Scope | undefined {
  return scopes.find((scope) => scope === text);
}

function parseKey(entry: unknown): Key | string {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return "it is not an object";
  const { name, sha256, scopes: names, expiresAt: until }: Record<string, unknown> = { ...entry };
  if (typeof name !== "string" || name === "") return 'it has no "name"';
  const shown = quote(name);
  if (!KEY_NAME.test(name))
    return `the name ${shown} must have 1 to 100 characters, none of them a control character, and no space at an end`;
  const unknown = Object.keys(entry).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined)
    return `${shown} has the unknown member ${quote(unknown)}; an entry may have ${MEMBERS.join(", ")}`;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256))
    return `"sha256" of ${shown} is not 64 hexadecimal digits`;
  if (!Array.isArray(names)) return `"scopes" of ${shown} is not an array`;
  const granted = new Set<Scope>();
  for (const text of names) {
    const scope = parseScope(text);
    if (scope === undefined)
      return `${shown} has the unknown scope ${typeof text === "string" ? quote(text) : typeof text}`;
    granted.add(scope);
  }
  const instant = until === undefined ? undefined : typeof until === "string" ? readInstant(until) : null;
  if (instant === null) return `"expiresAt" of ${shown} is not an RFC 3339 time, such as 2027-01-01T00:00:00Z`;
  const expiry = instant === undefined ? {} : { expiresAt: Date.parse(instant) };
  return { name, digest: Buffer.from(sha256, "hex"), scopes: granted, ...expiry };
}

/** → a text of the file, so that it moves no cursor where it is shown. */
function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, MAX_SHOWN));
  return shown.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function findDouble(keys: readonly Key[], { name, digest }: Key): string | undefined {
  const index = keys.findIndex((key) => key.name === name || key.digest.equals(digest));
  if (index < 0) return undefined;
  const what = keys[index]?.name === name ? "name" : '"sha256"';
  return `${quote(name)} has the ${what} of entry ${index + 1}; each key needs its own`;
}
