import { Difference } from "@pedidos/contract";
import { Value } from "typebox/value";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import type { Input } from "../input/open-input.ts";
import { readOrders } from "../input/read-orders.ts";
import { mapInOrder } from "../map-in-order.ts";
import type { Client } from "../open-client.ts";
import { openProgress } from "../open-progress.ts";
import { print, tell } from "../print.ts";
import { type Chunk, gatherChunks, ndjsonOf } from "../sending/gather-chunks.ts";
import { shapeOf } from "../shape-of.ts";

const CHUNKS_IN_FLIGHT = 2;

const shape = shapeOf(Difference);
/** `orderId` is null where a line of the file has none that can be read. */
type Found = { readonly line: number; readonly orderId?: number | null; readonly verdict: Difference["verdict"] };

/** `pedidos reconcile FILE`: which of its orders are not recorded as they stand there. Nothing is written. */
export async function reconcile(client: Client, input: Input, asJson: boolean): Promise<ExitCode> {
  const progress = openProgress(input, !asJson);
  const counts: Record<string, number> = { compared: 0, recorded: 0 };
  for await (const { compared, differences } of mapInOrder(gatherChunks(readOrders(input)), CHUNKS_IN_FLIGHT, (chunk) =>
    compare(client, chunk),
  )) {
    counts.compared = (counts.compared ?? 0) + compared;
    counts.recorded = (counts.recorded ?? 0) + compared - differences.length;
    for (const difference of differences) {
      counts[difference.verdict] = (counts[difference.verdict] ?? 0) + 1;
      process.stdout.write(asJson ? `${JSON.stringify(difference)}\n` : describe(difference));
    }
    progress.update(counts.compared);
  }
  progress.stop();
  const isSame = counts.compared === counts.recorded;
  if (asJson) print(counts, true);
  else
    tell(
      Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(", "),
    );
  return isSame ? exitCodes.done : exitCodes.found;
}

async function compare(client: Client, { orders, rejected }: Chunk) {
  const invalid = rejected.map(({ line, orderId }): Found => ({ line, orderId, verdict: "invalid" }));
  const found = orders.length === 0 ? [] : await ask(client, orders);
  const differences = [...invalid, ...found].sort((one, other) => one.line - other.line);
  return { compared: orders.length + rejected.length, differences };
}

async function ask(client: Client, orders: Chunk["orders"]): Promise<Found[]> {
  const answer = await client.fetch({
    method: "POST",
    path: "/v1/orders/reconcile",
    accept: "application/x-ndjson",
    contentType: "application/x-ndjson",
    body: ndjsonOf({ orders }),
  });
  const lines = (await answer.text()).trimEnd().split("\n");
  const last: unknown = JSON.parse(lines.pop() ?? "null");
  if (typeof last === "object" && last !== null && "detail" in last)
    throw new Failure(exitCodes.unavailable, `The comparison was cut short: ${String(last.detail)}`);
  return lines.map((text) => {
    const value: unknown = JSON.parse(text);
    const sent = Value.Check(shape, value) ? orders[value.line - 1] : undefined;
    if (!Value.Check(shape, value) || sent === undefined)
      throw new Failure(
        exitCodes.refused,
        `The server answers with a line that this version of pedidos does not know: ${text}`,
      );
    return { ...value, line: sent.line };
  });
}

function describe({ line, orderId, verdict }: Found): string {
  return `line ${line}: order ${orderId ?? "(no id)"} is ${verdict}\n`;
}
