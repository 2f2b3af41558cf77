import { Difference, ReconcileCounts } from "@pedidos/contract";
import { pMapIterable } from "p-map";
import { command } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { csvOptionsOf, inputOptions } from "../input/input-options.ts";
import { limitMemory } from "../input/limit-memory.ts";
import { openInput } from "../input/open-input.ts";
import { readOrders } from "../input/read-orders.ts";
import type { Client } from "../open-client.ts";
import { openProgress } from "../open-progress.ts";
import { log, print } from "../print.ts";
import { type Chunk, gatherChunks, ndjsonOf } from "../sending/gather-chunks.ts";

const CHUNKS_IN_FLIGHT = 2;

/** `orderId` is null if none can be read in a line of the file. */
type Found = { readonly line: number; readonly orderId?: number | null; readonly verdict: Difference["verdict"] };

export const reconcile = command(
  "reconcile <file>",
  "Report which orders of a file are not recorded as they stand there; nothing is written",
  (argv) => inputOptions(argv),
  async ({ file, format, encoding, json, ...csv }, client) => {
    limitMemory();
    const options = csvOptionsOf(csv);
    const input = await openInput(file, { format, encoding });
    const progress = openProgress(input, !json);
    let [compared, recorded] = [0, 0];
    const verdicts: Record<string, number> = {};
    const comparisons = pMapIterable(
      gatherChunks(readOrders(input, options).orders),
      (chunk) => compare(client, chunk),
      {
        concurrency: CHUNKS_IN_FLIGHT,
      },
    );
    for await (const { count, differences } of comparisons) {
      compared += count;
      recorded += count - differences.length;
      for (const difference of differences) {
        verdicts[difference.verdict] = (verdicts[difference.verdict] ?? 0) + 1;
        print(difference, json, describe);
      }
      progress.update(compared);
    }
    progress.stop();
    const counts = { compared, recorded, ...verdicts };
    const texts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    if (json) print(counts, true);
    else log(texts.join(", "));
    return compared === recorded ? exitCodes.done : exitCodes.found;
  },
  { waits: true, interrupted: () => "Not every order was compared, and nothing was written." },
);

async function compare(client: Client, { orders, rejected }: Chunk) {
  const differences = rejected.map(({ line, orderId }): Found => ({ line, orderId, verdict: "invalid" }));
  const request = {
    method: "POST",
    path: "/v1/orders/reconcile",
    contentType: "application/x-ndjson",
    body: ndjsonOf(orders),
  } as const;
  if (orders.length > 0)
    await client.readLines({ line: Difference, end: ReconcileCounts }, request, (difference) => {
      // The server counts the lines of the request; the file's lines are others.
      differences.push({ ...difference, line: orders[difference.line - 1]?.line ?? difference.line });
    });
  differences.sort((one, other) => one.line - other.line);
  return { count: orders.length + rejected.length, differences };
}

function describe({ line, orderId, verdict }: Found): string {
  return `line ${line}: order ${orderId ?? "(no id)"} is ${verdict}\n`;
}
