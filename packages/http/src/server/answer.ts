import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { RETRY_AFTER_SECONDS, type Refusal, statusOf, writeProblem } from "./problem.ts";
import { setConnectionClose } from "./shut-down-gracefully.ts";

/** Words a refusal the way a family of routes does. */
export type Refuse = (reply: FastifyReply, refusal: Refusal) => FastifyReply;

export const JSON_TYPE = "application/json; charset=utf-8";
export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** Limits what is read and dropped of a request that is still arriving after its answer was sent. */
const DRAIN = { maxBytes: 64 * 1024 * 1024, maxMs: 10_000, maxMsStopping: 2_000 };

/** Refuses with a problem document, as the v1 routes do. */
export function refuseWithProblem(reply: FastifyReply, refused: Refusal): FastifyReply {
  return refuse(reply, refused, PROBLEM_TYPE, writeProblem(refused));
}

export function refuse(reply: FastifyReply, { kind, headers }: Refusal, type: string, text: string): FastifyReply {
  const status = statusOf(kind);
  if ((status === 429 || status === 503) && !reply.hasHeader("retry-after"))
    reply.header("retry-after", RETRY_AFTER_SECONDS);
  if (headers !== undefined) reply.headers(headers);
  return answer(reply.header("cache-control", "no-store"), status, type, text);
}

/** Of any shape: a route is handed it by `route()`, held to what it declares. */
export function answerJson(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  return answer(reply, status, JSON_TYPE, JSON.stringify(value));
}

/**
 * Sends a complete answer. While the request is still arriving, the answer is sent at once, and the connection stays open
 * while the rest is read and dropped: closing it would take the answer away from a client that is still writing.
 */
export function answer(reply: FastifyReply, status: number, type: string, text: string): FastifyReply {
  const { raw } = reply.request;
  reply.code(status).type(type);
  setConnectionClose(reply);
  // `complete` is set by a socket; a request that came by injection only has the end of its stream.
  if (raw.complete || raw.readableEnded || !hasBody(raw) || raw.destroyed) return reply.send(text);
  const response = reply.hijack().raw;
  response.writeHead(status, { ...headersOf(reply), "content-length": Buffer.byteLength(text) });
  response.write(text);
  endAfterRequest(raw, response, reply.server.stopping.aborted ? DRAIN.maxMsStopping : DRAIN.maxMs);
  return reply;
}

function headersOf(reply: FastifyReply): Record<string, string | string[] | number> {
  const headers: Record<string, string | string[] | number> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) headers[name] = value;
  return headers;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function endAfterRequest(request: IncomingMessage, response: ServerResponse, maxMs: number): void {
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), maxMs);
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DRAIN.maxBytes) request.destroy();
  });
  request.on("end", () => response.end());
  request.on("error", () => {});
  request.on("close", () => clearTimeout(timer));
  request.resume();
}
