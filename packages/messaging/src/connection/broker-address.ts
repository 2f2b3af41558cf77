import { brokerUrlRules, findUrlFault } from "@pedidos/process";

/** A broker as amqplib wants it, and as it may be shown. */
export type BrokerAddress = {
  /** For amqplib: without credentials, with our heartbeat. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** `host:port/vhost`, for logs. */
  readonly label: string;
};

/**
 * Takes an `amqp://` or `amqps://` URL apart. amqplib would decode a password's UTF-8 as Latin-1.
 *
 * @param heartbeatSeconds replaces what the URL may say: status depends on it.
 * @throws Error, without the URL's text, which may hold a password.
 */
export function brokerAddress(text: string, heartbeatSeconds: number): BrokerAddress {
  const fault = findUrlFault(text, brokerUrlRules);
  if (fault !== undefined) throw new Error(`the broker's address ${fault}`);
  const url = new URL(text);
  const given = url.username !== "" || url.password !== "";
  const user = given ? decodeURIComponent(url.username) : "guest";
  const password = given ? decodeURIComponent(url.password) : "guest";
  url.username = "";
  url.password = "";
  url.searchParams.set("heartbeat", String(heartbeatSeconds));
  const port = url.port || (url.protocol === "amqp:" ? "5672" : "5671");
  const vhost = decodeURIComponent(url.pathname.slice(1)) || "/";
  return { url: url.href, user, password, label: `${url.hostname}:${port}/${vhost === "/" ? "" : vhost}` };
}
