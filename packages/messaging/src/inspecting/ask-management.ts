import { type IncomingMessage, request } from "node:http";
import { request as requestByTls } from "node:https";
import { brokerAddress } from "../connection/broker-address.ts";

const LIMIT_MS = 3_000;
const LIMIT_BYTES = 4 * 1024 * 1024;

export type ManagementAddress = ReturnType<typeof managementAddress>;

/**
 * Where a broker's management API listens, and as whom it is asked.
 *
 * @param managementUrl needed if it is not on the broker's host, on RabbitMQ's own port, for the same user
 * @throws Error, without the URLs' text, which may hold a password
 * @returns its URL without credentials, up to and with `/api/`, and `host:port` as its label, for people
 */
export function managementAddress(brokerUrl: string, managementUrl?: string) {
  const broker = brokerAddress(brokerUrl);
  const { protocol, hostname } = new URL(broker.url);
  // A password given for TLS is not sent in the clear to another port.
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

/**
 * Asks a broker's management API for a path below `/api/`. By `node:http`, as `fetch` takes a tenth of a start to load.
 *
 * @returns the body of a 200; else why not: `silent` if nothing that speaks this API answers within 3 s, or another
 * status, such as 401 to a user without one of its tags
 */
export async function askManagement(
  { url, user, password }: ManagementAddress,
  path: string,
): Promise<{ readonly body: unknown } | { readonly refused: "silent" | number }> {
  const address = new URL(path, url);
  const options = { auth: `${user}:${password}`, signal: AbortSignal.timeout(LIMIT_MS), agent: false };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = address.protocol === "https:" ? requestByTls : request;
      call(address, options, resolve).on("error", reject).end();
    });
    const text = await readText(response);
    return response.statusCode === 200 ? { body: JSON.parse(text) } : { refused: response.statusCode ?? 0 };
  } catch {
    return { refused: "silent" };
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    if (text.length > LIMIT_BYTES) throw new Error("too long for an answer of the management API");
  }
  return text;
}
