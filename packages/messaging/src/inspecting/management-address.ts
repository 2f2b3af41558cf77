import { brokerAddress } from "../connection/broker-address.ts";

export type ManagementAddress = ReturnType<typeof managementAddress>;

/**
 * Where a broker's management API listens, and as whom it is asked.
 *
 * @param managementUrl where it is not on the broker's host, on RabbitMQ's own port, for the same user
 * @throws Error, without the URLs' text, which may hold a password
 * @returns its URL without credentials, up to and with `/api/`, and `host:port` as its label, for people
 */
export function managementAddress(brokerUrl: string, managementUrl?: string) {
  const broker = brokerAddress(brokerUrl);
  const { protocol, hostname } = new URL(broker.url);
  // What comes over TLS is not sent in the clear to another port.
  const standard = protocol === "amqps:" ? `https://${hostname}:15671` : `http://${hostname}:15672`;
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
