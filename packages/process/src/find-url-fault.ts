/** The rules of a kind of URL. */
export type UrlRules = {
  readonly protocols: readonly string[];
  /** What the one name after the host is of. */
  readonly path?: string;
  /** The names of known parameters. */
  readonly parameters: readonly string[];
  /** Whether the host may be left out, or be the folder of PostgreSQL's socket. */
  readonly socket?: boolean;
  /** Whether it may hold a user and a password. */
  readonly user: boolean;
};

export const databaseUrlRules: UrlRules = {
  protocols: ["postgres", "postgresql"],
  path: "database",
  parameters: [
    ...["host", "port", "user", "password", "options", "application_name", "fallback_application_name"],
    ...["ssl", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslnegotiation", "uselibpqcompat"],
    // These have no effect: we set the limits and the encoding of a session, and the time-out of a connection.
    ...["client_encoding", "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval"],
    ...[
      "keepalives_count",
      "statement_timeout",
      "lock_timeout",
      "idle_in_transaction_session_timeout",
      "query_timeout",
    ],
  ],
  socket: true,
  user: true,
};

export const brokerUrlRules: UrlRules = {
  protocols: ["amqp", "amqps"],
  path: "virtual host (a / in it is written %2F)",
  parameters: ["heartbeat", "frameMax", "channelMax", "locale"],
  user: true,
};

/** Rules for a server that takes a key or nothing: its URL is shown, and a password in it would be too. */
export const httpUrlRules: UrlRules = { protocols: ["http", "https"], parameters: [], user: false };

/** Rules for RabbitMQ's management API, which takes a user and a password. */
export const managementUrlRules: UrlRules = { ...httpUrlRules, user: true };

/** A name, or an IPv6 address. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/i;
/** The folder of PostgreSQL's socket, percent-encoded. */
const SOCKET = /^%2f[a-z0-9%._~-]*$/i;
const BAD_PORT = "has a port that is no number from 1 to 65535";

/**
 * Finds what allows a URL to be understood in more than one way. A password that holds a `/`, `?`, `#`, `@` or `,` may otherwise
 * become part of a host, which is logged, or of a path.
 *
 * @returns what is wrong, in words that continue "DATABASE_URL …" and repeat nothing of the text; undefined if it is fine
 */
export function findUrlFault(text: string, rules: UrlRules): string | undefined {
  const [, protocol, authority = "", path = "", query = ""] =
    /^([a-z]+):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(text) ?? [];
  if (protocol === undefined || !rules.protocols.includes(protocol.toLowerCase()))
    return `is no ${rules.protocols.map((one) => `${one}://`).join(" or ")} URL`;
  if (/[\s\p{Cc}]/u.test(text)) return "holds white space or a control character";
  if (text.includes("#")) return "holds a #: in a user or password it is written %23";
  if (/%(?![0-9a-f]{2})/i.test(text)) return "holds a % without two hexadecimal digits after it: it is written %25";
  if (!isDecodable(text)) return "holds percent-encoded bytes that are not UTF-8";
  // The user or the password has ended too early.
  if (path.includes("@") || query.includes("@"))
    return "has an @ after the first / or ?: in a user or password / is written %2F, ? is written %3F, and @ everywhere %40";
  return faultOfAuthority(authority, rules) ?? faultOfPath(path, rules) ?? faultOfQuery(query, rules);
}

function faultOfAuthority(authority: string, rules: UrlRules): string | undefined {
  const parts = authority.split("@");
  if (parts.length > 2) return "has more than one @: in a user or password it is written %40";
  if (parts.length > 1 && !rules.user) return "holds a user or password, which have no place there";
  if (authority.includes(","))
    return "has a comma before the first /: it names one host; in a password it is written %2C";
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(parts.at(-1) ?? "") ?? [];
  if (port !== undefined && !isPort(port)) return BAD_PORT;
  const mayBeSocket = rules.socket === true;
  if (host === "") return mayBeSocket && port === undefined ? undefined : "has no host";
  return HOST.test(host) || (mayBeSocket && SOCKET.test(host))
    ? undefined
    : "has a host that is neither a name nor an address";
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function faultOfPath(path: string, rules: UrlRules): string | undefined {
  // RabbitMQ's first virtual host has the name "/", and many write it as it is.
  if (rules.path === undefined || path === "//" || !path.slice(1).includes("/")) return undefined;
  return `has more than one / after the host, where the name of one ${rules.path} stands`;
}

/** An unknown parameter may be meant to make the connection safer, or be a piece of a password: it is never ignored. */
function faultOfQuery(query: string, { parameters }: UrlRules): string | undefined {
  const given = new URLSearchParams(query);
  if (!given.getAll("port").every(isPort)) return BAD_PORT;
  if ([...given.keys()].every((name) => parameters.includes(name))) return undefined;
  return parameters.length === 0
    ? "has parameters, and knows none"
    : `has a parameter that is not one of ${parameters.join(", ")}`;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
