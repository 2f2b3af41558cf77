import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { PassThrough, pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { exitCodes, Failure } from "../failure.ts";

export type Format = "ndjson" | "json" | "csv";
export const formats: readonly Format[] = ["ndjson", "json", "csv"];

/** A file of orders, or standard input, unpacked. */
export type Input = {
  /** Null for standard input. */
  readonly file: string | null;
  readonly format: Format;
  readonly bytes: Readable;
  /** The size of the file in bytes, packed if it is; undefined for standard input. */
  readonly size: number | undefined;
  /** How many of these bytes have been read. */
  readonly consumed: () => number;
};

/**
 * Opens a file, or standard input for `-`. A file that ends in `.gz` is unpacked.
 *
 * @param format of its content; by default by the name of the file, else NDJSON
 * @throws {Failure} if it can't be read
 */
export function openInput(file: string, format?: Format): Input {
  if (file === "-")
    return { file: null, format: format ?? "ndjson", bytes: process.stdin, size: undefined, consumed: () => 0 };
  const size = sizeOf(file);
  const raw = createReadStream(file);
  const isPacked = file.endsWith(".gz");
  // The reader of `bytes` gets its errors, also those of a damaged archive.
  const bytes = pipeline(raw, isPacked ? createGunzip() : new PassThrough(), () => {});
  return { file, format: format ?? formatOf(basename(file)), bytes, size, consumed: () => raw.bytesRead };
}

export function formatOf(name: string): Format {
  const ending = name.replace(/\.gz$/, "").split(".").at(-1);
  return ending === "csv" || ending === "json" ? ending : "ndjson";
}

function sizeOf(file: string): number {
  try {
    const found = statSync(file);
    if (found.isDirectory()) throw new Failure(exitCodes.noInput, `${file} is a folder; name a file of orders.`);
    return found.size;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    throw new Failure(exitCodes.noInput, `${file} cannot be read (${code}).`);
  }
}
