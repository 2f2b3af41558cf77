import { type ProblemKind, problems, problemType } from "@pedidos/contract";

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

/** → the problem document (RFC 9457) of a refusal, as JSON. */
export function writeProblem({ kind, detail, extra }: Refusal): string {
  const [status, title] = problems[kind];
  return JSON.stringify({ type: problemType(kind), title, status, detail, ...extra });
}

export function refusal(kind: ProblemKind, detail: string, extra?: Readonly<Record<string, unknown>>): Refusal {
  return extra === undefined ? { kind, detail } : { kind, detail, extra };
}
