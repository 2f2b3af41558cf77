import { type IncomingMessage, request } from "node:http";
import { request as requestByTls } from "node:https";
import type { ManagementAddress } from "./management-address.ts";

const LIMIT_MS = 3_000;
const LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Asks a broker's management API for a path below `/api/`. By `node:http`, as `fetch` takes a tenth of a start to load.
 *
 * @returns the body of a 200; else why not: `silent` where nothing that speaks this API answers within 3 s, or another
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
