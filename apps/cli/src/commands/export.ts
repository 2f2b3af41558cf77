import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exitCodes, Failure } from "../failure.ts";
import type { Client } from "../open-client.ts";
import { tell } from "../print.ts";

export type ExportOptions = {
  readonly customer?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly format: "csv" | "ndjson";
  /** Undefined: standard output. */
  readonly output?: string | undefined;
};

const types = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;

/** `pedidos export`: the orders of a customer, or of everybody, as one stream. */
export async function exportOrders(
  client: Client,
  { customer, from, to, format, output }: ExportOptions,
): Promise<void> {
  const path = customer === undefined ? "/v1/orders" : `/v1/customers/${customer}/orders`;
  const { body } = await client.fetch({ path, query: { from, to }, accept: types[format] });
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
  if (output !== undefined) tell(`Written to ${output}.`);
}

/** Whoever reads our output has had enough, as `head` has. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
