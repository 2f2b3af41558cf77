import type { IncomingMessage } from "node:http";
import { Problem, type ProblemKind, problems, problemType } from "@pedidos/contract";
import type { FastifyReply } from "fastify";
import { awaitReader } from "./await-reader.ts";
import { clientOf } from "./identify-caller.ts";
import { setConnectionClose } from "./shut-down-gracefully.ts";
import { awaitSlice } from "./yield-to-others.ts";

/** An expected refusal: its kind, what happened in words, and what else the answer holds. */
export type Refusal = {
  readonly kind: ProblemKind;
  readonly detail: string;
  /** Further members of the problem document. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** How a family of routes writes its refusals. */
export type RefusalForm = {
  readonly type: string;
  readonly schema: object;
  readonly write: (refusal: Refusal) => string;
};

declare module "fastify" {
  interface FastifyContextConfig {
    /** Left out if it is {@link PROBLEM_FORM}. */
    readonly refusalForm?: RefusalForm | undefined;
  }
}

export const JSON_TYPE = "application/json; charset=utf-8";
export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";
export const PROBLEM_FORM: RefusalForm = { type: PROBLEM_TYPE, schema: Problem, write: writeProblem };

/** Of every answer: browsers neither guess another type for it, nor show it in another page. */
export const PROTECTION = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "frame-ancestors 'none'",
} as const;

/** Seconds after which a client may retry what was unavailable, or too much. */
const RETRY_AFTER_SECONDS = "2";
/** Limits the bytes read and dropped of a request that is still arriving after its answer was sent. */
const DRAIN = { maxBytes: 64 * 1024 * 1024, maxMs: 10_000, maxMsStopping: 2_000 };

export function refusal(kind: ProblemKind, detail: string, extra?: Refusal["extra"]): Refusal {
  return extra === undefined ? { kind, detail } : { kind, detail, extra };
}

/** Whether a function returned a refusal in place of a value. */
export function isRefusal(found: object): found is Refusal {
  return "kind" in found && "detail" in found;
}

export function statusOf(kind: ProblemKind): number {
  return problems[kind][0];
}

/** → the problem document (RFC 9457) of a refusal, as JSON. */
export function writeProblem({ kind, detail, extra }: Refusal): string {
  const [status, title] = problems[kind];
  return JSON.stringify({ type: problemType(kind), title, status, detail, ...extra });
}

/** Refuses a request in the form of its route. */
export function refuse(
  reply: FastifyReply,
  refused: Refusal,
  { type, write }: RefusalForm = reply.request.routeOptions.config?.refusalForm ?? PROBLEM_FORM,
): FastifyReply {
  const status = statusOf(refused.kind);
  if ((status === 429 || status === 503) && !reply.hasHeader("retry-after"))
    reply.header("retry-after", RETRY_AFTER_SECONDS);
  if (refused.headers !== undefined) reply.headers(refused.headers);
  // It stands in place of a file that was asked for.
  reply.removeHeader("content-disposition");
  return answer(reply.header("cache-control", "no-store"), status, type, write(refused));
}

/** Of any shape: a route is handed it by `route()`, held to what it declares. */
export function answerJson(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  const text = JSON.stringify(value);
  // What was changed is answered in any case: such answers are short, or a batch's, whose place has memory for it.
  if (reply.request.method !== "GET" || awaitReader(reply, text)) return answer(reply, status, JSON_TYPE, text);
  return refuse(reply, TOO_MUCH_MEMORY);
}

/** The refusal of a request or an answer for which no memory is left. */
export const TOO_MUCH_MEMORY = refusal(
  "too_many_requests",
  "The large requests and answers of a caller, or of all, take as much memory as they may. Retry once some have ended.",
);

/**
 * Sends a complete answer. While the request is still arriving, the answer is sent at once, and the connection stays open
 * while the rest is read and dropped: if it closed, a client that is still writing would lose the answer.
 */
export function answer(reply: FastifyReply, status: number, type: string, text: string): FastifyReply {
  const { raw } = reply.request;
  reply.code(status).type(type);
  setConnectionClose(reply);
  // `complete` is set by a socket; a request that came by injection only has the end of its stream.
  if (raw.complete || raw.readableEnded || !hasBody(raw) || raw.destroyed) return reply.send(text);
  const response = reply.hijack().raw;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) response.setHeader(name, value);
  response.writeHead(status, { "content-length": Buffer.byteLength(text) });
  response.write(text);
  void endAfterRequest(reply, reply.server.stopping.aborted ? DRAIN.maxMsStopping : DRAIN.maxMs);
  return reply;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/**
 * Reads and drops what is still to come, a piece when its caller's turn has come: a caller whose bodies are refused by the
 * hundred keeps nobody waiting. Nothing is read in between, so it is the client that waits.
 */
async function endAfterRequest(reply: FastifyReply, maxMs: number): Promise<void> {
  const { raw: request } = reply.request;
  const client = clientOf(reply);
  const timer = setTimeout(() => request.destroy(), maxMs);
  let bytes = 0;
  try {
    for await (const piece of request) {
      bytes += piece.length;
      if (bytes > DRAIN.maxBytes) break;
      await awaitSlice(client);
    }
  } catch {
    // The client has gone, or its time is up.
  }
  clearTimeout(timer);
  reply.raw.end();
}
