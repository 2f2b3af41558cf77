import { type IncomingMessage, request } from "node:http";
import { request as requestByTls } from "node:https";
import type { ManagementAddress } from "./management-address.ts";

const LIMIT_MS = 3_000;
const LIMIT_BYTES = 4 * 1024 * 1024;

export type ManagementAnswer =
  | { readonly kind: "answer"; readonly body: unknown }
  /** Nothing that speaks this API answers there, or not within 3 s. */
  | { readonly kind: "silent" }
  /** It answered something else than 200, such as 401 to a user without one of its tags. */
  | { readonly kind: "refused"; readonly status: number };

/** Asks a broker's management API for a path below `/api/`. By `node:http`, as `fetch` takes a tenth of a start to load. */
export async function askManagement(address: ManagementAddress, path: string): Promise<ManagementAnswer> {
  const url = new URL(path, address.url);
  const options = { auth: `${address.user}:${address.password}`, signal: AbortSignal.timeout(LIMIT_MS), agent: false };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = url.protocol === "https:" ? requestByTls : request;
      call(url, options, resolve).on("error", reject).end();
    });
    const text = await readText(response);
    if (response.statusCode === 200) return { kind: "answer", body: JSON.parse(text) };
    return { kind: "refused", status: response.statusCode ?? 0 };
  } catch {
    return { kind: "silent" };
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
