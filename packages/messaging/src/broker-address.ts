/** A broker as amqplib wants it, and as it may be shown. */
export type BrokerAddress = {
  /** For amqplib: without credentials, with our heartbeat. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** `host:port/vhost`, for logs. */
  readonly label: string;
};

/** A percent-encoded part of a URL as text; text that is not well encoded stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * Takes an `amqp://` or `amqps://` URL apart. amqplib would decode a password's UTF-8 as Latin-1.
 *
 * @param heartbeatSeconds replaces what the URL may say: status depends on it.
 * @throws Error, without the URL's text, which may hold a password.
 */
export function brokerAddress(text: string, heartbeatSeconds: number): BrokerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["amqp:", "amqps:"].includes(url.protocol))
    throw new Error("the broker's address is no amqp:// or amqps:// URL");
  const given = url.username !== "" || url.password !== "";
  const user = given ? decoded(url.username) : "guest";
  const password = given ? decoded(url.password) : "guest";
  url.username = "";
  url.password = "";
  url.searchParams.set("heartbeat", String(heartbeatSeconds));
  const port = url.port || (url.protocol === "amqp:" ? "5672" : "5671");
  const vhost = decoded(url.pathname.slice(1)) || "/";
  return { url: url.href, user, password, label: `${url.hostname}:${port}/${vhost === "/" ? "" : vhost}` };
}
