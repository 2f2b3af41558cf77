import type { ProblemKind } from "@pedidos/contract";
import type { Log } from "@pedidos/process";
import type { FastifyReply, FastifyRequest } from "fastify";
import { StoreUnavailable } from "../open-store.ts";
import type { Refuse } from "./answer.ts";
import { type Refusal, refusal } from "./problem.ts";

/** Answers what was thrown: an outage of the database, an error of the framework, or a bug. */
export function refuseError(refuse: Refuse, log: Pick<Log, "warn" | "error">) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const refused = refusalOf(error);
    const { id, span } = request;
    const told = { id, ...(span !== undefined && { traceId: span.traceId }), err: error };
    if (refused.kind === "unavailable") log.warn(told, "the database is unavailable");
    if (refused.kind === "internal_error") log.error(told, "a request failed");
    refuse(reply, refused);
  };
}

const FRAMEWORK_KINDS: Readonly<Record<number, ProblemKind>> = {
  404: "not_found",
  405: "method_not_allowed",
  406: "not_acceptable",
  408: "request_timeout",
  413: "too_large",
  415: "unsupported_media_type",
  417: "expectation_failed",
  429: "too_many_requests",
  431: "headers_too_large",
};

function refusalOf(error: unknown): Refusal {
  if (error instanceof StoreUnavailable) return refusal("unavailable", "The database is unavailable.");
  const status: unknown = error instanceof Error && "statusCode" in error ? error.statusCode : 500;
  if (typeof status !== "number" || status < 400 || status >= 500)
    return refusal("internal_error", "It is logged under this request's x-request-id.");
  return refusal(
    FRAMEWORK_KINDS[status] ?? "invalid_request",
    error instanceof Error ? `${error.message}.` : "Refused.",
  );
}
