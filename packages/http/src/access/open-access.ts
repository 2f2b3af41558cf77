import { hash, timingSafeEqual } from "node:crypto";
import type { Scope } from "@pedidos/contract";
import type { Log } from "@pedidos/process";
import { openSessions } from "../sessions/open-sessions.ts";
import { type Key, type ReadKeys, readKeys } from "./read-keys.ts";

export type AccessSettings = {
  readonly anonymousScopes: ReadonlySet<Scope>;
  /** Whether requests may name this host; undefined: any. */
  readonly allowsHost?: ((host: string) => boolean) | undefined;
  /** The origins whose scripts may read answers. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** The keys at the start, and the file to reload them from. */
  readonly keys?: { readonly file: string; readonly keys: readonly Key[] } | undefined;
  /** The rate limit of each key, or of each address that sends none; undefined: no limit. */
  readonly requestsPerMinute?: number | undefined;
  /** Encrypts the cookies of browsers; without it they end with this process. */
  readonly sessionSecret?: string | undefined;
};

export type Access = ReturnType<typeof openAccess>;

export function openAccess(
  { anonymousScopes, keys: known, requestsPerMinute, sessionSecret, ...settings }: AccessSettings,
  log: Pick<Log, "info" | "error">,
  read: (file: string) => ReadKeys = readKeys,
) {
  const { allowsHost = () => true, corsOrigins = [] } = settings;
  let keys = known?.keys ?? [];

  /** Reads the file of keys again; a bad file leaves the keys as they are. */
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
    allowsHost,
    corsOrigins,
    /** → the name of the key in this Authorization header; undefined without a known key. */
    nameOf: (authorization: string | undefined) => keyIn(authorization)?.name,
    /** → all scopes of a request with this Authorization header. */
    scopesOf: (authorization: string | undefined): ReadonlySet<Scope> =>
      new Set([...anonymousScopes, ...(keyIn(authorization)?.scopes ?? [])]),
    /** Whether there are keys to sign in with. */
    hasKeys: () => keys.length > 0,
    sessions: openSessions(sessionSecret),
    /** Whether a request with this Authorization header may use a scope. */
    check(scope: Scope, authorization: string | undefined): "allowed" | "unauthorized" | "forbidden" {
      if (anonymousScopes.has(scope)) return "allowed";
      const key = keyIn(authorization);
      if (key === undefined) return "unauthorized";
      return key.scopes.has(scope) ? "allowed" : "forbidden";
    },
  };
}

/** Compares with every key, even after a match, so that the time taken reveals nothing about them. */
function findKey(keys: readonly Key[], token: string): Key | undefined {
  const digest = hash("sha256", token, "buffer");
  let found: Key | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key;
  return found;
}
