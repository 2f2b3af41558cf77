import { command } from "../command.ts";
import { composeExport } from "../exporting/compose-export.ts";
import { exitCodes, Failure, reasonOf } from "../failure.ts";
import { localeOf, locales } from "../input/locale.ts";
import { idOption, pathOption, timeOption } from "../options.ts";
import { log } from "../print.ts";
import { openOutput } from "../write-output.ts";

const STANDARD_OUTPUT = "-";

export const exportOrders = command(
  "export",
  "Write the orders of a customer, or of everybody, newest first",
  (argv) =>
    argv
      .option("customer", idOption("customer", "of this customer alone"))
      .option("from", timeOption("from", "recorded at this time or later (RFC 3339)"))
      .option("to", timeOption("to", "recorded before this time"))
      .option("format", { choices: ["csv", "ndjson"] as const, default: "csv" as const, requiresArg: true })
      .option("items", { type: "boolean", default: false, describe: "with their items, as send reads them" })
      .option("locale", { choices: locales, requiresArg: true, describe: "CSV for a spreadsheet there" })
      .option("output", {
        ...pathOption("output", "a file; by default standard output"),
        alias: "o",
        default: STANDARD_OUTPUT,
      })
      .option("force", { type: "boolean", default: false, describe: "overwrite the file" }),
  async ({ customer, from, to, format, items, locale: name, output, force }, client) => {
    const write = openOutput(output, force);
    const path = customer === undefined ? "/v1/orders" : `/v1/customers/${customer}/orders`;
    const locale = name === undefined ? undefined : localeOf(name);
    await write(toItsEnd(await composeExport(client, { path, query: { from, to }, format, items, locale })));
    if (output !== STANDARD_OUTPUT) log(`Written to ${output}.`);
  },
  {
    waits: true,
    interrupted: ({ output }) => (output === STANDARD_OUTPUT ? "The list is not whole." : `${output} is not written.`),
  },
);

async function* toItsEnd(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      exitCodes.unavailable,
      `The export broke off (${reasonOf(error)}); what was written is not whole.`,
    );
  }
}
