/**
 * Every kind of problem that this API answers with, by its stable name: status and title. The problem's `type` is made of the
 * name. The domain's reasons keep their names.
 */
export const problems = {
  invalid_request: [400, "The request is not valid HTTP"],
  invalid_parameter: [400, "A parameter is not valid"],
  invalid_json: [400, "The body is not JSON"],
  invalid_order: [400, "The order is not valid"],
  unauthorized: [401, "A bearer key is needed"],
  forbidden: [403, "The key does not allow this"],
  not_found: [404, "Not found"],
  no_broker: [404, "There is no broker here"],
  method_not_allowed: [405, "The method is not allowed here"],
  not_acceptable: [406, "No acceptable form"],
  request_timeout: [408, "The request took too long to arrive"],
  order_conflict: [409, "Another order has this id"],
  rejection_closed: [409, "The rejection is closed"],
  too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The body's type is not supported"],
  expectation_failed: [417, "The expectation cannot be met"],
  too_many_requests: [429, "Too much at once"],
  headers_too_large: [431, "The headers are too large"],
  internal_error: [500, "An error of this server"],
  unavailable: [503, "Not available right now"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemKind = keyof typeof problems;

/** An expected refusal: its kind, what happened in words, and what else the answer holds. */
export type Refusal = {
  readonly kind: ProblemKind;
  readonly detail: string;
  /** Further members of the problem document. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Seconds after which a client may retry what was unavailable, or too much. */
export const RETRY_AFTER_SECONDS = "2";

export function statusOf(kind: ProblemKind): number {
  return problems[kind][0];
}

export function problemType(kind: ProblemKind): string {
  return `urn:pedidos:problem:${kind}`;
}

/** → the problem document (RFC 9457) of a refusal, as JSON. */
export function writeProblem({ kind, detail, extra }: Refusal): string {
  const [status, title] = problems[kind];
  return JSON.stringify({ type: problemType(kind), title, status, detail, ...extra });
}

export function refusal(kind: ProblemKind, detail: string, extra?: Readonly<Record<string, unknown>>): Refusal {
  return extra === undefined ? { kind, detail } : { kind, detail, extra };
}
