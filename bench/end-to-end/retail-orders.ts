import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A month of a real shop's orders, an order a line; see data/README.md. */
export const RETAIL = join(import.meta.dirname, "data/online-retail-2010-12.ndjson.gz");

export function readRetail(): string[] {
  return gunzipSync(readFileSync(RETAIL)).toString().trimEnd().split("\n");
}
