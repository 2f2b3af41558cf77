import { brokerAddress } from "../connection/broker-address.ts";

/** Where a broker's management API listens, and as whom it is asked. */
export type ManagementAddress = {
  /** Without credentials, up to and with `/api/`. */
  readonly url: string;
  /** `host:port`, for people. */
  readonly label: string;
  readonly user: string;
  readonly password: string;
};

/** RabbitMQ's own ports. What comes over TLS is not sent in the clear to another port. */
const STANDARD = { "amqp:": "http://HOST:15672", "amqps:": "https://HOST:15671" } as const;

/**
 * @param managementUrl where it is not on the broker's host, on RabbitMQ's own port, for the same user
 * @throws Error, without the URLs' text, which may hold a password
 */
export function managementAddress(brokerUrl: string, managementUrl?: string): ManagementAddress {
  const broker = brokerAddress(brokerUrl, 0);
  const { protocol, hostname } = new URL(broker.url);
  const standard = STANDARD[protocol === "amqps:" ? "amqps:" : "amqp:"].replace("HOST", hostname);
  const text = managementUrl ?? standard;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Error("the management API's address is no http:// or https:// URL");
  const url = new URL("api/", text.endsWith("/") ? text : `${text}/`);
  const given = url.username !== "";
  const user = given ? decodeURIComponent(url.username) : broker.user;
  const password = given ? decodeURIComponent(url.password) : broker.password;
  url.username = "";
  url.password = "";
  return { url: url.href, label: url.host, user, password };
}

/** → the virtual host that a broker's URL names. */
export function virtualHostOf(brokerUrl: string): string {
  return decodeURIComponent(new URL(brokerAddress(brokerUrl, 0).url).pathname.slice(1)) || "/";
}
