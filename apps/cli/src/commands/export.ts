import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { command, readId } from "../command.ts";
import { exitCodes, Failure } from "../failure.ts";
import { log } from "../print.ts";

const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;

export const exportOrders = command(
  "export",
  "Write the orders of a customer, or of everybody, newest first",
  (argv) =>
    argv
      .option("customer", { type: "string", coerce: readId, describe: "of this customer alone" })
      .option("from", { type: "string", describe: "recorded at this time or later (RFC 3339)" })
      .option("to", { type: "string", describe: "recorded before this time" })
      .option("format", { choices: ["csv", "ndjson"] as const, default: "csv" as const })
      .option("output", { alias: "o", type: "string", describe: "a file; by default standard output" }),
  async ({ customer, from, to, format, output }, client) => {
    const path = customer === undefined ? "/v1/orders" : `/v1/customers/${customer}/orders`;
    const { body } = await client.fetch({ path, query: { from, to }, accept: TYPES[format] });
    if (body === null) throw new Failure(exitCodes.refused, "The server answered without a body.");
    try {
      await pipeline(Readable.fromWeb(body), output === undefined ? process.stdout : createWriteStream(output));
    } catch (error) {
      if (isGone(error)) return;
      throw new Failure(
        exitCodes.unavailable,
        `The export broke off (${error instanceof Error ? error.message : String(error)}); what was written is not whole.`,
      );
    }
    if (output !== undefined) log(`Written to ${output}.`);
  },
);

/** The reader of our output has closed it, as `head` does. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
