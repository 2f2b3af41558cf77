import { CustomerDifference, RecountCounts, RecountProgress, type Sums } from "@pedidos/contract";
import Type from "typebox";
import { command } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { log, print } from "../print.ts";

export const recount = command(
  "recount",
  "Count every customer's orders and total again, from the items, while orders come in",
  (argv) => argv.option("repair", { type: "boolean", default: false, describe: "set right what differs" }),
  async ({ repair, json }, client) => {
    const counts = await client.readLines(
      { line: Type.Union([RecountProgress, CustomerDifference]), end: RecountCounts },
      { method: "POST", path: "/v1/customers/recount", query: { repair: String(repair) } },
      (line) => {
        if ("progress" in line) {
          const { customers, orders } = line.progress;
          if (process.stderr.isTTY) log(`${orders} orders of ${customers} customers so far`);
        } else print(line, json, describe);
      },
    );
    const { customers, orders, different, repaired } = counts;
    if (json) print(counts, true);
    else log(`${orders} orders of ${customers} customers, ${different} different, ${repaired} repaired`);
    return different === repaired ? exitCodes.done : exitCodes.found;
  },
  {
    interrupted: ({ repair }) =>
      repair ? "What was repaired stays; run the same command again for the rest." : "Not every customer was counted.",
  },
);

function describe({ customerId, recorded, counted, repaired }: CustomerDifference): string {
  return `customer ${customerId}: recorded ${sums(recorded)}, counted ${sums(counted)}${repaired ? "; repaired" : ""}\n`;
}

function sums(row: Sums | null): string {
  return row === null ? "nothing" : `${row.orderCount} orders, ${row.totalValue}`;
}
