import Type, { type Static } from "typebox";
import { command } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { log, print } from "../print.ts";

const Sums = Type.Object({ orderCount: Type.Integer(), totalValue: Type.String() });
const Difference = Type.Object({
  customerId: Type.Integer(),
  recorded: Type.Union([Sums, Type.Null()]),
  counted: Sums,
  repaired: Type.Boolean(),
});
const Counts = Type.Object({
  customers: Type.Integer(),
  orders: Type.Integer(),
  different: Type.Integer(),
  repaired: Type.Integer(),
});
const Progress = Type.Object({ progress: Type.Object({ customers: Type.Integer(), orders: Type.Integer() }) });

export const recount = command(
  "recount",
  "Count every customer's orders and total anew, from the items, while orders come in",
  (argv) => argv.option("repair", { type: "boolean", default: false, describe: "set right what differs" }),
  async ({ repair, json }, client) => {
    const counts = await client.readLines(
      { line: Type.Union([Progress, Difference]), end: Counts },
      { method: "POST", path: "/v1/customers/recount", query: { repair: String(repair) } },
      (line) => {
        if ("progress" in line) {
          const { customers, orders } = line.progress;
          if (process.stderr.isTTY) log(`${orders} orders of ${customers} customers so far`);
        } else if (json) print(line, true);
        else process.stdout.write(`${describe(line)}\n`);
      },
    );
    const { customers, orders, different, repaired } = counts;
    if (json) print(counts, true);
    else log(`${orders} orders of ${customers} customers, ${different} different, ${repaired} repaired`);
    return different === repaired ? exitCodes.done : exitCodes.found;
  },
);

function describe({ customerId, recorded, counted, repaired }: Static<typeof Difference>): string {
  return `customer ${customerId}: recorded ${sums(recorded)}, counted ${sums(counted)}${repaired ? "; repaired" : ""}`;
}

function sums(row: Static<typeof Sums> | null): string {
  return row === null ? "nothing" : `${row.orderCount} orders, ${row.totalValue}`;
}
