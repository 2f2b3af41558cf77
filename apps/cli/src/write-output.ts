import { createWriteStream, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { exitCodes, Failure, reasonOf } from "./failure.ts";
import { printable } from "./print.ts";

type Bytes = AsyncIterable<Uint8Array>;
/** Writes bytes to their end. @throws {Failure} if they can't be written; what reading them throws */
export type Output = (bytes: Bytes) => Promise<void>;

/**
 * Opens a file, which appears under its name once it is whole, or standard output for `-`. A terminal shows what would steer
 * it escaped; elsewhere the bytes stay as they are.
 *
 * @param overwrites whether a file that exists may be replaced
 * @throws {Failure} if it exists and may not
 */
export function openOutput(file: string, overwrites: boolean): Output {
  if (file === "-")
    return (bytes) => pipeline(bytes, process.stdout.isTTY ? escapeAll : pass, process.stdout, { end: false });
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return (bytes) => writeWhole(file, bytes);
  if (found.isDirectory()) throw new Failure(exitCodes.cannotWrite, `${file} is a folder; name a file.`);
  // A pipe or a device holds nothing that could be lost.
  if (!found.isFile()) return (bytes) => write(file, bytes);
  if (overwrites) return (bytes) => writeWhole(realpathSync(file), bytes);
  throw new Failure(exitCodes.cannotWrite, `${file} exists, and stays as it is. --force overwrites it.`);
}

async function writeWhole(file: string, bytes: Bytes): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  // After an interruption too.
  process.once("exit", () => rmSync(partial, { force: true }));
  await write(partial, bytes);
  renameSync(partial, file);
}

async function write(file: string, bytes: Bytes): Promise<void> {
  const destination = createWriteStream(file);
  let fault: unknown;
  destination.once("error", (error) => {
    fault = error;
  });
  try {
    await pipeline(bytes, destination);
  } catch (error) {
    if (error !== fault) throw error;
    throw new Failure(exitCodes.cannotWrite, `${file} cannot be written (${reasonOf(error)}).`);
  }
}

async function* escapeAll(bytes: Bytes): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const part of bytes) yield printable(decoder.decode(part, { stream: true }));
}

async function* pass(bytes: Bytes): Bytes {
  yield* bytes;
}
