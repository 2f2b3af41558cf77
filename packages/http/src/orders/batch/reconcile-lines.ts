import type { Difference, ReconcileCounts } from "@pedidos/contract";
import { readOrder } from "@pedidos/domain";
import { type Comparison, type Identity, identityOf } from "@pedidos/persistence";
import type { EndOfBody } from "./gunzip-pieces.ts";
import type { Parts } from "./read-many.ts";
import { LINE_TOO_LONG } from "./split-lines.ts";

export type Reconciling = {
  /** One query, or two, for all that are given. → one comparison for each, in order. */
  readonly compare: (sent: readonly Identity[]) => Promise<readonly Comparison[]>;
};

/** What one comparison holds: so many lines, or so many bytes that were read for them. */
const MOST_LINES = 500;
const MOST_BYTES = 512 * 1024;
/** The next is read, and its comparison begun, while one is compared. */
const COMPARISONS_IN_FLIGHT = 2;

type Read = { readonly line: number; readonly identity: Identity } | Extract<Difference, { verdict: "invalid" }>;

/**
 * Reports which of many orders are not recorded as they were sent, in the order of their lines, some hundred lines at a
 * time. Nothing is written. It reads no further than it is asked for, and holds no more than two such parts.
 *
 * @returns the counts, or why the body was not read to its end
 * @throws what `compare` throws
 */
export async function* reconcileLines(
  { compare }: Reconciling,
  parts: Parts,
): AsyncGenerator<readonly Difference[], ReconcileCounts | Exclude<EndOfBody, "end">> {
  const counts = { lines: 0, recorded: 0, missing: 0, different: 0, rejected: 0, invalid: 0 };
  const inFlight: Promise<Difference[]>[] = [];
  let [read, bytesRead]: [Read[], number] = [[], 0];

  function begin(): void {
    const part = read;
    [read, bytesRead] = [[], 0];
    const comparing = comparePart(part);
    // It is awaited later; until then its failure is nobody's surprise.
    comparing.catch(() => {});
    inFlight.push(comparing);
  }

  async function comparePart(part: readonly Read[]): Promise<Difference[]> {
    const sent = part.flatMap((one) => ("identity" in one ? one.identity : []));
    const comparisons = await compare(sent);
    const compared = comparisons.values();
    return part.flatMap((one) => {
      counts.lines++;
      const verdict = "identity" in one ? verdictOf(one.line, one.identity.orderId, compared.next().value) : one;
      counts[verdict === null ? "recorded" : verdict.verdict]++;
      return verdict ?? [];
    });
  }

  try {
    for (let next = await parts.next(); ; next = await parts.next()) {
      if (next.done && next.value !== "end") return next.value;
      if (next.done) break;
      for (const { number, bytes } of next.value) {
        read.push(readLine(number, bytes));
        bytesRead += bytes.length;
        if (read.length < MOST_LINES && bytesRead < MOST_BYTES) continue;
        begin();
        if (inFlight.length >= COMPARISONS_IN_FLIGHT) yield (await inFlight.shift()) ?? [];
      }
    }
    if (read.length > 0) begin();
    for (const comparing of inFlight) yield await comparing;
    return counts;
  } finally {
    await parts.return("stopped");
  }
}

function readLine(line: number, bytes: Buffer | "too_long"): Read {
  if (bytes === "too_long") return { line, verdict: "invalid", errors: [LINE_TOO_LONG] };
  const found = readOrder(bytes);
  if (found.kind === "order") return { line, identity: identityOf(found.order) };
  const { orderId, faults } = found;
  return { line, ...(orderId === null ? {} : { orderId }), verdict: "invalid", errors: faults };
}

function verdictOf(line: number, orderId: number, comparison: Comparison | undefined): Difference | null {
  switch (comparison?.kind) {
    case "recorded":
      return null;
    case "rejected":
      return { line, orderId, verdict: "rejected", rejectionId: comparison.rejectionId, reason: comparison.reason };
    case "missing":
    case "different":
      return { line, orderId, verdict: comparison.kind };
    case undefined:
      throw new Error(`order ${orderId} was not compared`);
  }
}
