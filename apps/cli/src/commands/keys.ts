import { hash, randomBytes } from "node:crypto";
import { KEY_NAME, type Scope, scopes } from "@pedidos/contract";
import { readInstant } from "@pedidos/domain";
import { command, commandGroup } from "../command.ts";
import { exitCodes, Failure } from "../failure.ts";
import { TEXT } from "../options.ts";
import { log, print } from "../print.ts";

/** An entry of the API's `API_KEYS_FILE`. */
type Entry = {
  readonly name: string;
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: string;
};

const create = command(
  "new <name>",
  "Make a key: print it once, and the entry that lets it in",
  (argv) =>
    argv
      .positional("name", {
        type: "string",
        demandOption: true,
        describe: "whose it is; the log and the audit show it",
      })
      .option("scopes", {
        ...TEXT,
        demandOption: true,
        coerce: readScopes,
        describe: `what it may do, separated by commas, of ${scopes.join(", ")}`,
      })
      .option("expires", {
        ...TEXT,
        coerce: readExpiry,
        describe: "when it ends to count, such as 2027-01-01T00:00:00Z; without it, never",
      }),
  async ({ name, scopes: granted, expires, json }) => {
    const { key, entry } = makeKey(checkName(name), granted, expires);
    print({ key, entry }, json, () => `${key}\n${JSON.stringify(entry)}\n`);
    log(
      "Give the key to who is to use it: it is shown this once, and kept nowhere. Add the entry to the list in the API's API_KEYS_FILE, and send the API SIGHUP.",
    );
  },
);

export const keys = commandGroup("keys", "Keys of the API", [create]);

/** → a key of 256 random bits, and the entry that knows its digest alone. */
export function makeKey(name: string, granted: readonly Scope[], expiresAt?: string): { key: string; entry: Entry } {
  const key = `pedidos_${randomBytes(32).toString("base64url")}`;
  const entry = { name, sha256: hash("sha256", key), scopes: granted, ...(expiresAt !== undefined && { expiresAt }) };
  return { key, entry };
}

/** The API refuses a file with another name in it. */
export function checkName(name: string): string {
  if (KEY_NAME.test(name)) return name;
  throw new Failure(
    exitCodes.usage,
    "A key's name must have 1 to 100 characters, none of them a control character, and no space at an end.",
  );
}

export function readScopes(text: string): readonly Scope[] {
  const names = new Set(text.split(",").map((name) => name.trim()));
  return [...names].map((name) => {
    const scope = scopes.find((each) => each === name);
    if (scope !== undefined) return scope;
    throw new Failure(
      exitCodes.usage,
      `${JSON.stringify(name)} is no scope (--scopes); there are ${scopes.join(", ")}.`,
    );
  });
}

export function readExpiry(text: string): string {
  const instant = readInstant(text);
  const problem =
    instant === null
      ? "is no RFC 3339 time, such as 2027-01-01T00:00:00Z"
      : Date.parse(instant) <= Date.now()
        ? "is in the past"
        : undefined;
  if (instant !== null && problem === undefined) return instant;
  throw new Failure(exitCodes.usage, `${JSON.stringify(text)} ${problem} (--expires).`);
}
