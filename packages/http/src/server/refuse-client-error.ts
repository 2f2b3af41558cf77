import { type IncomingMessage, ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { PROBLEM_TYPE } from "./answer.ts";
import { type Refusal, refusal, statusOf, writeProblem } from "./problem.ts";

/** Whoever asked by HEAD would take a body for the next answer. Node keeps what it could not parse. */
function isHead(error: Error): boolean {
  const packet: unknown = Reflect.get(error, "rawPacket");
  return packet instanceof Buffer && packet.toString("latin1", 0, 5) === "HEAD ";
}

/**
 * Answers what never became a request: no HTTP, headers that are too large or do not arrive. Node has no response for
 * it, only the socket.
 */
export function refuseClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable && !isAnswering(socket)) socket.end(writeResponse(refusalOf(error.code), isHead(error)));
  // Closing at once would take the answer away from who is still sending.
  setTimeout(() => socket.destroy(), 1_000).unref();
}

/** Whether an earlier request's answer is under way on this connection; another in the middle of it would spoil it. */
function isAnswering(socket: Socket): boolean {
  const response: unknown = Reflect.get(socket, "_httpMessage");
  return response instanceof ServerResponse && response.headersSent;
}

/** Answers an `Expect` header other than `100-continue`, which Node answers with nothing in it. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const body = writeProblem(refusal("expectation_failed", "Only Expect: 100-continue can be met."));
  response.writeHead(417, { "content-type": PROBLEM_TYPE, "content-length": Buffer.byteLength(body) }).end(body);
}

function refusalOf(code: string | undefined): Refusal {
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
    `Date: ${new Date().toUTCString()}`,
    "Connection: close",
    "",
    withoutBody ? "" : body,
  ].join("\r\n");
}
