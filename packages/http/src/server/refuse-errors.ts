import { type IncomingMessage, ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "@pedidos/process";
import type { FastifyReply, FastifyRequest } from "fastify";
import { StoreUnavailable } from "../open-store.ts";
import type { Route } from "../route.ts";
import { PROBLEM_TYPE, PROTECTION, type Refusal, refusal, refuse, statusOf, writeProblem } from "./answer.ts";

/** Makes the handler of errors that a route throws: an outage of the database, a refusal of Fastify, or a bug. */
export function refuseError(log: Pick<Log, "warn" | "error">) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const refused = refusalOf(error);
    const { id, span } = request;
    const fields = { id, ...(span !== undefined && { traceId: span.traceId }), err: error };
    if (refused.kind === "unavailable") log.warn(fields, "the database is unavailable");
    if (refused.kind === "internal_error") log.error(fields, "a request failed");
    refuse(reply, refused);
  };
}

/** The kinds that Fastify refuses with by a status of their own. */
const FASTIFY_KINDS = [
  ...(["not_found", "method_not_allowed", "not_acceptable", "request_timeout", "too_large"] as const),
  ...(["unsupported_media_type", "expectation_failed", "too_many_requests", "headers_too_large"] as const),
];

function refusalOf(error: unknown): Refusal {
  if (error instanceof StoreUnavailable) return refusal("unavailable", "The database is unavailable.");
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (!(error instanceof Error) || typeof status !== "number" || status < 400 || status >= 500)
    return refusal("internal_error", "It is logged under this request's x-request-id.");
  return refusal(FASTIFY_KINDS.find((kind) => statusOf(kind) === status) ?? "invalid_request", `${error.message}.`);
}

/** Makes the handler of requests that fit no route: 405 with Allow if a route has this path, in its form, else 404. */
export function refuseUnknown(routes: readonly Pick<Route, "method" | "url" | "refusalForm">[]) {
  const patterns = routes.map((route) => ({ ...route, pattern: patternOf(route.url) }));
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split("?", 1)[0] ?? "";
    const here = patterns.filter(({ pattern }) => pattern.test(path));
    const [first] = here;
    if (first === undefined) return refuse(reply, refusal("not_found", "There is nothing at this path."));
    const methods = [...new Set(here.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
    const allow = methods.join(", ");
    const detail = `${request.method} is not possible here, but ${allow}.`;
    return refuse(reply, { kind: "method_not_allowed", detail, headers: { allow } }, first.refusalForm);
  };
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/:[a-zA-Z]+/g, "[^/]+")}$`);
}

/** Answers an `Expect` header other than `100-continue`; Node's own answer to it is empty. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const body = writeProblem(refusal("expectation_failed", "Only Expect: 100-continue can be met."));
  const headers = { ...PROTECTION, "content-type": PROBLEM_TYPE, "content-length": Buffer.byteLength(body) };
  response.writeHead(417, headers).end(body);
}

/**
 * Answers what never became a request: bytes that are no HTTP, headers that are too large or don't arrive in time. Node
 * has no response object for it, only the socket.
 */
export function refuseClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable && !isAnswering(socket)) socket.end(writeResponse(clientRefusal(error.code), isHead(error)));
  // Closing at once would take the answer away from a client that is still sending.
  setTimeout(() => socket.destroy(), 1_000).unref();
}

/** Whether an earlier request is being answered on this connection; a second answer would spoil the first. */
function isAnswering(socket: Socket): boolean {
  const response: unknown = Reflect.get(socket, "_httpMessage");
  return response instanceof ServerResponse && response.headersSent;
}

/** A client that sent HEAD would take a body for the next answer. Node keeps the bytes that it could not parse. */
function isHead(error: Error): boolean {
  const packet: unknown = Reflect.get(error, "rawPacket");
  return packet instanceof Buffer && packet.toString("latin1", 0, 5) === "HEAD ";
}

function clientRefusal(code: string | undefined): Refusal {
  if (code === "HPE_HEADER_OVERFLOW")
    return refusal("headers_too_large", "The request line and headers are too large.");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return refusal("request_timeout", "The headers did not arrive in time.");
  return refusal("invalid_request", `The request cannot be read as HTTP/1.1 (${code ?? "unknown"}).`);
}

function writeResponse(refused: Refusal, withoutBody: boolean): string {
  const status = statusOf(refused.kind);
  const body = writeProblem(refused);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(PROTECTION).map((header) => header.join(": ")),
    `Date: ${new Date().toUTCString()}`,
    "Connection: close",
    "",
    withoutBody ? "" : body,
  ].join("\r\n");
}
