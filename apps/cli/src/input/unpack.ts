import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { exitCodes, Failure } from "../failure.ts";
import { peek } from "./peek.ts";

const [FIRST, SECOND] = [0x1f, 0x8b];
const ZIP = Buffer.from("PK\x03\x04");

/**
 * Unpacks an archive of gzip, of one or several members; other bytes are passed on as they are.
 *
 * @param name of the file, for messages
 * @param isNamedArchive whether its name says that it is one
 * @throws {Failure} if the archive is damaged, or the name promises one
 */
export async function* unpack(
  source: AsyncIterable<Buffer>,
  name: string,
  isNamedArchive: boolean,
): AsyncGenerator<Buffer> {
  const { start, bytes } = await peek(source, ZIP.length);
  if (start[0] === FIRST && start[1] === SECOND) return yield* gunzip(bytes, name);
  if (start.subarray(0, ZIP.length).equals(ZIP))
    throw new Failure(
      exitCodes.noInput,
      `${name} is a zip archive or a spreadsheet, like .xlsx. Unpack it, or save it as CSV.`,
    );
  if (isNamedArchive)
    throw new Failure(
      exitCodes.noInput,
      `${name} is no gzip archive, though its name ends in .gz. Pack it again, or name it without .gz.`,
    );
  yield* bytes;
}

async function* gunzip(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let [read, afterLastNonZero] = [0, 0];
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of bytes) {
      const last = piece.findLastIndex((byte) => byte !== 0);
      if (last !== -1) afterLastNonZero = read + last + 1;
      read += piece.length;
      yield piece;
    }
  }
  const archive = Readable.from(counted());
  const unpacked = createGunzip();
  archive.on("error", (error) => unpacked.destroy(error));
  archive.pipe(unpacked);
  try {
    for await (const piece of unpacked) yield Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw damaged(name, error instanceof Error ? error.message : String(error));
  } finally {
    archive.destroy();
  }
  // Zeros may pad an archive; zlib reads nothing behind them, where a further member would be lost in silence.
  if (afterLastNonZero > unpacked.bytesWritten) throw damaged(name, "something follows its end");
}

function damaged(name: string, reason: string): Failure {
  return new Failure(exitCodes.noInput, `${name} is a damaged gzip archive (${reason}). Fetch or make it again.`);
}
