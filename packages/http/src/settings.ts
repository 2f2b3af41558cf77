import { isIP } from "node:net";
import { type Scope, scopes } from "@pedidos/contract";
import { allowHosts, isLoopback, type Setting, type Settings, settings } from "@pedidos/process";
import { tracingSettings } from "@pedidos/tracing";
import type { AccessSettings, KeysFile } from "./access/open-access.ts";
import { parseScope, readKeys } from "./access/read-keys.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings of every app that serves this API. They are made from the environment they are read from, since access
 * without a key depends on the address that the API listens on.
 */
export function httpSettings(environment: Environment) {
  return {
    HOST: settings.HOST,
    PORT: settings.port("the TCP port to listen on; 0 for any that is free", 3000),
    ALLOWED_HOSTS: settings.ALLOWED_HOSTS,
    CORS_ORIGINS: corsOrigins,
    TRUSTED_PROXIES: trustedProxies,
    LOG_LEVEL: settings.LOG_LEVEL,
    API_KEYS_FILE: settings.optional(keysFile),
    ANONYMOUS_SCOPES: anonymousScopes(environment),
    RATE_LIMIT: settings.optional(rateLimit),
    ...tracingSettings,
    SESSION_SECRET: settings.optional(sessionSecret),
    BASE_PATH: settings.optional(basePath),
  };
}

/** The settings of the API as a process of its own. */
export function apiSettings(environment: Environment) {
  return {
    DATABASE_URL: settings.DATABASE_URL,
    AMQP_URL: settings.AMQP_URL,
    DEAD_LETTERS_AMQP_URL: settings.optional(deadLettersUrl),
    ...httpSettings(environment),
  };
}

type AccessNames =
  | ("BASE_PATH" | "HOST" | "ALLOWED_HOSTS" | "CORS_ORIGINS" | "TRUSTED_PROXIES")
  | ("API_KEYS_FILE" | "ANONYMOUS_SCOPES" | "RATE_LIMIT" | "SESSION_SECRET");

/** → which caller may do what. */
export function accessFrom(read: Pick<Settings<ReturnType<typeof httpSettings>>, AccessNames>): AccessSettings {
  return {
    anonymousScopes: read.ANONYMOUS_SCOPES,
    allowsHost: allowHosts(read.HOST, read.ALLOWED_HOSTS),
    corsOrigins: read.CORS_ORIGINS,
    trustedProxies: read.TRUSTED_PROXIES,
    keys: read.API_KEYS_FILE,
    requestsPerMinute: read.RATE_LIMIT,
    sessionSecret: read.SESSION_SECRET,
    basePath: read.BASE_PATH,
  };
}

const corsOrigins = settings.list(
  "the origins whose pages may read this API's answers (CORS) and send it a bearer key, never a cookie; separated by commas. Unset: none",
  "an origin, such as https://orders.example or http://localhost:5173, in lower case and without a path",
  (text) => (/^https?:\/\/[^*]+$/.test(text) && URL.parse(text)?.origin === text ? text : undefined),
);

const trustedProxies = settings.list(
  "the addresses of the proxies in front, or their networks, whose X-Forwarded-For, -Host and -Proto are believed, separated by commas. Unset: none",
  "an address or a network, such as 10.0.0.7 or 10.0.0.0/8",
  (text) => (isNetwork(text) ? text : undefined),
);

/** No network of all addresses: then each client would be believed what it says of itself. */
function isNetwork(text: string): boolean {
  const [address = "", bits] = text.split("/", 2);
  const version = isIP(address);
  if (version === 0 || bits === undefined) return version > 0;
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128) && text === `${address}/${bits}`;
}

const deadLettersUrl: Setting<string> = {
  ...settings.AMQP_URL,
  doc: "the same broker as the user who may read the dead letters, if that is not the one of AMQP_URL",
};

const sessionSecret: Setting<string> = {
  doc: "at least 32 characters, the same on every instance, that seal the cookies of browsers that signed in; unset: made at the start",
  secret: true,
  parse: (text) => (text.length >= 32 ? { value: text } : { problem: `has ${text.length} characters, not 32 or more` }),
};

const basePath: Setting<string> = {
  doc: "the path under which a proxy shows the API, like /orders",
  parse: (text) =>
    /^(\/(?!\.+(\/|$))[\w.~-]+)+$/.test(text)
      ? { value: text }
      : { problem: `is ${JSON.stringify(text)}, not a path like /orders: a slash before each part, none at the end` },
};

const rateLimit: Setting<number> = {
  doc: "how many requests a minute each key, or each address without one, may make of a process; unset: any number",
  parse: (text) =>
    /^[1-9][0-9]{0,8}$/.test(text)
      ? { value: Number(text) }
      : { problem: `is ${JSON.stringify(text)}, not a whole number from 1 to 999999999` },
};

const keysFile: Setting<KeysFile> = {
  doc: 'a JSON file of bearer keys, [{"name", "sha256", "scopes": […], "expiresAt"?}], sha256 the hexadecimal digest of a key; pedidos keys new makes one',
  parse(file) {
    const read = readKeys(file);
    return read.kind === "keys" ? { value: { file, ...read } } : { problem: `(${file}) ${read.problem}` };
  },
};

/**
 * Unset, everything is open on a loopback address without keys, and nothing with keys; off loopback without keys
 * there is no default: the operator has to decide what anonymous callers may do.
 */
function anonymousScopes(environment: Environment): Setting<ReadonlySet<Scope>> {
  const doc = `the scopes that need no key, separated by commas, of ${scopes.join(", ")}; set but empty: none`;
  const takesEmpty = true;
  const parse: Setting<ReadonlySet<Scope>>["parse"] = (text) => {
    const names = text.split(",").map((name) => name.trim());
    const known = names.filter((name) => name !== "");
    const granted = known.map(parseScope).filter((scope) => scope !== undefined);
    const unknown = known.find((name) => parseScope(name) === undefined);
    return unknown === undefined
      ? { value: new Set(granted) }
      : { problem: `has the unknown scope ${JSON.stringify(unknown)}` };
  };
  if (environment.API_KEYS_FILE) return { doc, takesEmpty, default: "", parse };
  if (isLoopback(environment.HOST || settings.HOST.default || ""))
    return { doc, takesEmpty, default: scopes.join(","), parse };
  return { doc: `off a loopback address it must be set, or API_KEYS_FILE: ${doc}`, takesEmpty, parse };
}
