import { brokerUrlRules, findUrlFault } from "@pedidos/process";

export type BrokerAddress = ReturnType<typeof brokerAddress>;

/** amqplib notices a silent broker after two to three of these, within 15 s, and status depends on it. */
const HEARTBEAT_SECONDS = 5;

/**
 * Takes an `amqp://` or `amqps://` URL apart. amqplib would decode a password's UTF-8 as Latin-1.
 *
 * @returns a URL for amqplib, without credentials and with our heartbeat; `host:port/vhost` as its label, for logs
 * @throws Error, without the URL's text, which may hold a password.
 */
export function brokerAddress(text: string) {
  const fault = findUrlFault(text, brokerUrlRules);
  if (fault !== undefined) throw new Error(`the broker's address ${fault}`);
  const url = new URL(text);
  const given = url.username !== "" || url.password !== "";
  const user = given ? decodeURIComponent(url.username) : "guest";
  const password = given ? decodeURIComponent(url.password) : "guest";
  url.username = "";
  url.password = "";
  url.searchParams.set("heartbeat", String(HEARTBEAT_SECONDS));
  const port = url.port || (url.protocol === "amqp:" ? "5672" : "5671");
  const virtualHost = decodeURIComponent(url.pathname.slice(1)) || "/";
  const label = `${url.hostname}:${port}/${virtualHost === "/" ? "" : virtualHost}`;
  return { url: url.href, user, password, virtualHost, label };
}
