import { hash, timingSafeEqual } from "node:crypto";
import type { Scope } from "@pedidos/contract";
import type { Log } from "@pedidos/process";
import { openSessions, type Sessions } from "../sessions/open-sessions.ts";
import { type Key, type ReadKeys, readKeys } from "./read-keys.ts";

export type Verdict = "allowed" | "unauthorized" | "forbidden";

export type Access = {
  /** Whether a request with this Authorization header may use a scope. */
  check(scope: Scope, authorization: string | undefined): Verdict;
  /** → the name of the key in this Authorization header; undefined where there is none that is known. */
  nameOf(authorization: string | undefined): string | undefined;
  /** → everything that whoever sends this Authorization header may do. */
  scopesOf(authorization: string | undefined): ReadonlySet<Scope>;
  /** Whether there is any key to sign in with. */
  hasKeys(): boolean;
  readonly sessions: Sessions;
  /** How often each key, or each address without one, may ask; undefined: as often as it likes. */
  readonly requestsPerMinute: number | undefined;
  /** Reads the file of keys again; where it is bad the keys stay as they are. */
  reload(): void;
};

export type AccessSettings = {
  readonly anonymousScopes: ReadonlySet<Scope>;
  /** The keys known at the start, and the file to read them from again. */
  readonly keys?: { readonly file: string; readonly keys: readonly Key[] } | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** Seals the cookies of browsers; left out, they end with this process. */
  readonly sessionSecret?: string | undefined;
};

export function openAccess(
  { anonymousScopes, keys: known, requestsPerMinute, sessionSecret }: AccessSettings,
  log: Pick<Log, "info" | "error">,
  read: (file: string) => ReadKeys = readKeys,
): Access {
  let keys = known?.keys ?? [];

  function reload(): void {
    if (known === undefined) return;
    const result = read(known.file);
    if (result.kind === "keys") {
      keys = result.keys;
      log.info({ file: known.file, keys: keys.length }, "read the keys again");
    } else log.error({ file: known.file }, `the file of keys ${result.problem}; the keys stay as they were`);
  }

  function keyIn(authorization: string | undefined): Key | undefined {
    const token = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
    return token === undefined ? undefined : findKey(keys, token);
  }

  return {
    reload,
    requestsPerMinute,
    nameOf: (authorization) => keyIn(authorization)?.name,
    scopesOf: (authorization) => new Set([...anonymousScopes, ...(keyIn(authorization)?.scopes ?? [])]),
    hasKeys: () => keys.length > 0,
    sessions: openSessions(sessionSecret),
    check(scope, authorization) {
      if (anonymousScopes.has(scope)) return "allowed";
      const key = keyIn(authorization);
      if (key === undefined) return "unauthorized";
      return key.scopes.has(scope) ? "allowed" : "forbidden";
    },
  };
}

/** Looks at every key, whichever fits, so that time tells nothing about them. */
function findKey(keys: readonly Key[], token: string): Key | undefined {
  const digest = hash("sha256", token, "buffer");
  let found: Key | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key;
  return found;
}
