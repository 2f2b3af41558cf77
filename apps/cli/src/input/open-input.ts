import { createReadStream, type Stats, statSync } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { exitCodes, Failure, reasonOf } from "../failure.ts";
import { decode, type Encoding, encodingOf } from "./decode.ts";
import { peek } from "./peek.ts";
import { unpack } from "./unpack.ts";

export type Format = "ndjson" | "json" | "csv";
export const formats: readonly Format[] = ["ndjson", "json", "csv"];

/** A file of orders, or a pipe of them, unpacked and decoded. */
export type Input = {
  /** What messages call it. */
  readonly name: string;
  /** The path of a regular file, which can be read more than once; null for a pipe. */
  readonly file: string | null;
  /** What the names of its reports begin with: beside a file, in the working folder for a pipe. */
  readonly reportBase: string;
  readonly format: Format;
  /** What its text is written in; reports are written in the same. */
  readonly encoding: Encoding;
  /**
   * → its text in UTF-8, without a byte order mark, from the beginning. A pipe can be read once.
   *
   * @throws {Failure} where it is damaged, or is not in its encoding
   */
  readonly read: () => AsyncGenerator<Buffer>;
  /** The size of the file in bytes, packed if it is; undefined for a pipe. */
  readonly size: number | undefined;
  /** How many of these bytes the last reading has taken. */
  readonly consumed: () => number;
};

type Options = { readonly format?: Format | undefined; readonly encoding?: Encoding | undefined };

/** By so many first bytes an archive and an encoding are known. */
const START = 4;

/**
 * Opens a file, or standard input for `-`. An archive of gzip is unpacked under any name.
 *
 * @param options what it holds: the format by default by its name, else NDJSON; the encoding by its mark, else UTF-8
 * @throws {Failure} if it can't be read
 */
export async function openInput(
  path: string,
  { format = formatOf(path), encoding: declared }: Options,
): Promise<Input> {
  const isStandardInput = path === "-" || path === "/dev/stdin" || path === "/dev/fd/0";
  const stats = isStandardInput ? undefined : statsOf(path);
  const isInDevices = /^\/(dev|proc)\//.test(path);
  const isRegular = stats?.isFile() === true && !isInDevices;
  const name = isStandardInput ? "Standard input" : path;
  const reportBase = isStandardInput || isInDevices ? "stdin" : isRegular ? path : basename(path);

  let raw: Readable & { readonly bytesRead?: number };
  const open = async () => {
    raw = isStandardInput ? process.stdin : createReadStream(path);
    return await peek(unpack(readBytes(name, raw), name, /\.gz$/i.test(path)), START);
  };
  /** A pipe that nobody reads keeps the process until its writer ends. */
  const closing = (error: unknown) => {
    raw.destroy();
    throw error;
  };
  let [opened, isTaken] = [await open().catch(closing), false];
  let encoding: Encoding;
  try {
    encoding = encodingOf(opened.start, name, declared);
  } catch (error) {
    return closing(error);
  }
  return {
    ...{ name, file: isRegular ? path : null, reportBase, format, encoding },
    async *read() {
      // A second reading begins at the start again.
      if (isTaken) opened = await open();
      isTaken = true;
      try {
        yield* decode(opened.bytes, encoding, name);
      } finally {
        raw.destroy();
      }
    },
    size: isRegular ? stats?.size : undefined,
    consumed: () => raw.bytesRead ?? 0,
  };
}

export function formatOf(path: string): Format {
  const ending = path.toLowerCase().replace(/\.gz$/, "").split(".").at(-1);
  if (ending === "csv" || ending === "tsv") return "csv";
  return ending === "json" ? "json" : "ndjson";
}

function statsOf(path: string): Stats {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new Failure(exitCodes.noInput, `${path} is a folder; name a file of orders.`);
    return stats;
  } catch (error) {
    throw error instanceof Failure ? error : cannotBeRead(path, error);
  }
}

async function* readBytes(name: string, raw: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of raw) yield Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
  } catch (error) {
    throw cannotBeRead(name, error);
  }
}

function cannotBeRead(name: string, error: unknown): Failure {
  return new Failure(exitCodes.noInput, `${name} cannot be read (${reasonOf(error)}).`);
}
