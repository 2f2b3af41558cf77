import { createReadStream } from "node:fs";
import { exitCodes, Failure, reasonOf } from "./failure.ts";
import { log } from "./print.ts";

const MOST_BYTES = 1024 * 1024;

/** → the text of a file that holds one order, or of standard input for `-`. @throws {Failure} if it can't be read */
export async function readOrderFile(file: string): Promise<string> {
  const name = file === "-" ? "Standard input" : file;
  if (file === "-" && process.stdin.isTTY) log("Type the order; Ctrl-D ends it.");
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of file === "-" ? process.stdin : createReadStream(file)) {
      parts.push(part);
      size += part.length;
      if (size > MOST_BYTES)
        throw new Failure(exitCodes.noInput, `${name} holds more than 1 MiB, the most of an order.`);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(exitCodes.noInput, `${name} cannot be read (${reasonOf(error)}).`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new Failure(exitCodes.noInput, `${name} is not in UTF-8. Save it as UTF-8, and run the command again.`);
  }
}
