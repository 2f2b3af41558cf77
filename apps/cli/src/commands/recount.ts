import { CustomerDifference, RecountCounts, RecountProgress, type Sums } from "@pedidos/contract";
import { Value } from "typebox/value";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import type { Client } from "../open-client.ts";
import { print, tell } from "../print.ts";
import { shapeOf } from "../shape-of.ts";

const [difference, counts, progress] = [shapeOf(CustomerDifference), shapeOf(RecountCounts), shapeOf(RecountProgress)];

/** `pedidos recount [--repair]`: every customer's count and total from the items; what differs is told, and repaired. */
export async function recount(
  client: Client,
  { repair, asJson }: { readonly repair: boolean; readonly asJson: boolean },
): Promise<ExitCode> {
  const accept = "application/x-ndjson";
  const answer = await client.fetch({
    method: "POST",
    path: "/v1/customers/recount",
    query: { repair: String(repair) },
    accept,
  });
  let last: unknown;
  for await (const text of linesOf(answer)) {
    last = JSON.parse(text);
    if (Value.Check(progress, last)) {
      const { customers, orders } = last.progress;
      if (process.stderr.isTTY) tell(`${orders} orders of ${customers} customers so far`);
    } else if (Value.Check(difference, last)) {
      if (asJson) print(last, true);
      else process.stdout.write(`${describe(last)}\n`);
    }
  }
  if (!Value.Check(counts, last))
    throw new Failure(exitCodes.unavailable, `The counting was cut short${reasonOf(last)}`);
  if (asJson) print(last, true);
  else
    tell(
      `${last.orders} orders of ${last.customers} customers, ${last.different} different, ${last.repaired} repaired`,
    );
  return last.different === last.repaired ? exitCodes.done : exitCodes.found;
}

async function* linesOf(answer: Response): AsyncGenerator<string, void> {
  if (answer.body === null) return;
  let rest = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function reasonOf(last: unknown): string {
  return typeof last === "object" && last !== null && "detail" in last ? `: ${String(last.detail)}` : ".";
}

function describe({ customerId, recorded, counted, repaired }: CustomerDifference): string {
  return `customer ${customerId}: recorded ${sums(recorded)}, counted ${sums(counted)}${repaired ? "; repaired" : ""}`;
}

function sums(row: Sums | null): string {
  return row === null ? "nothing" : `${row.orderCount} orders, ${row.totalValue}`;
}
