import { hash, timingSafeEqual } from "node:crypto";
import type { Scope } from "@pedidos/contract";
import type { Log } from "@pedidos/process";
import type { Registry } from "prom-client";
import { openSessions } from "../sessions/open-sessions.ts";
import { type BadKey, limitFailures } from "./limit-failures.ts";
import { type Key, type ReadKeys, readKeys } from "./read-keys.ts";
import { watchAdmissions } from "./watch-admissions.ts";

export type AccessSettings = {
  readonly anonymousScopes: ReadonlySet<Scope>;
  /** Whether requests may name this host; undefined: any. */
  readonly allowsHost?: ((host: string) => boolean) | undefined;
  /** The origins whose scripts may read answers. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** The addresses and networks whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** The keys at the start, and the file to reload them from. */
  readonly keys?: KeysFile | undefined;
  /** The rate limit of each key, or of each address that sends none; undefined: no limit. */
  readonly requestsPerMinute?: number | undefined;
  /** Encrypts the cookies of browsers; without it they end with this process. */
  readonly sessionSecret?: string | undefined;
  /** The path under which a proxy shows the API; undefined: at its root. */
  readonly basePath?: string | undefined;
};

export type KeysFile = { readonly file: string } & Omit<Extract<ReadKeys, { kind: "keys" }>, "kind">;

type AccessDependencies = {
  readonly log: Pick<Log, "info" | "warn" | "error">;
  readonly metrics: Registry;
  readonly read?: (file: string) => ReadKeys;
  readonly now?: () => number;
};

export type Access = ReturnType<typeof openAccess>;

export function openAccess(settings: AccessSettings, deps: AccessDependencies) {
  const { log, metrics, read = readKeys, now = Date.now } = deps;
  const { anonymousScopes, keys: known, requestsPerMinute, sessionSecret } = settings;
  const { allowsHost = () => true, corsOrigins = [], trustedProxies = [], basePath = "" } = settings;
  const sessions = openSessions(sessionSecret, now, basePath);
  const admissions = watchAdmissions();
  let keys = known?.keys ?? [];
  if (known?.warning !== undefined) log.warn({ file: known.file }, `the file of keys: ${known.warning}`);

  /** Reads the file of keys again; a bad file leaves the keys as they are. */
  function reload(): void {
    if (known === undefined) return;
    const { file } = known;
    const result = read(file);
    if (result.kind === "problem") {
      log.error({ file }, `the file of keys ${result.problem}; the keys stay as they were`);
      return;
    }
    keys = result.keys;
    admissions.check();
    log.info({ file, keys: keys.length }, "read the keys again");
    if (result.warning !== undefined) log.warn({ file }, `the file of keys: ${result.warning}`);
  }

  /** → the key in an Authorization header, why it does not count, or null without a header. */
  function identify(authorization: string | undefined): Key | BadKey | null {
    if (authorization === undefined) return null;
    const token = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) return { reason: "malformed" };
    const key = findKey(keys, token);
    if (key === undefined) return { reason: "unknown" };
    const isExpired = key.expiresAt !== undefined && key.expiresAt <= now();
    return isExpired ? { reason: "expired", name: key.name } : key;
  }

  function keyIn(authorization: string | undefined): Key | undefined {
    const found = identify(authorization);
    return found === null || "reason" in found ? undefined : found;
  }

  return {
    reload,
    requestsPerMinute,
    allowsHost,
    corsOrigins,
    trustedProxies,
    basePath,
    identify,
    /** Counts, logs and limits attempts with keys that do not count. */
    failures: limitFailures({ log, metrics, now }),
    /** → the name of the key in this Authorization header; undefined without a key that counts. */
    nameOf: (authorization: string | undefined) => keyIn(authorization)?.name,
    /** → all scopes of a request with this Authorization header. */
    scopesOf: (authorization: string | undefined): ReadonlySet<Scope> =>
      new Set([...anonymousScopes, ...(keyIn(authorization)?.scopes ?? [])]),
    /** Whether there are keys to sign in with. */
    hasKeys: () => keys.length > 0,
    sessions,
    admissions,
    /** Whether a request with this Authorization header may use a scope. */
    check(scope: Scope, authorization: string | undefined): "allowed" | "unauthorized" | "forbidden" {
      if (isGranted(anonymousScopes, scope)) return "allowed";
      const key = keyIn(authorization);
      if (key === undefined) return "unauthorized";
      return isGranted(key.scopes, scope) ? "allowed" : "forbidden";
    },
  };
}

/** Who operates the system may also read what was done by hand. */
function isGranted(granted: ReadonlySet<Scope>, scope: Scope): boolean {
  return granted.has(scope) || (scope === "audit:read" && granted.has("operations:manage"));
}

/** Compares with every key, even after a match, so that the time taken reveals nothing about them. */
function findKey(keys: readonly Key[], token: string): Key | undefined {
  const digest = hash("sha256", token, "buffer");
  let found: Key | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key;
  return found;
}
