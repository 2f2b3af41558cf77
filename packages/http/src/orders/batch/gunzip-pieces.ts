import { pipeline, Readable } from "node:stream";
import type { EndOfReading } from "./read-steadily.ts";

/** Why a body ended that may be compressed: also because it is damaged, or inflates to too much. */
export type EndOfBody = EndOfReading | "damaged" | "too_dense";

/** What a body may inflate to, as a multiple of what has arrived of it; files of orders come to 10 to 40. */
export const MAX_RATIO = 100;
/** So much any body may inflate to. */
const FREE_BYTES = 1024 * 1024;

/**
 * Inflates a body (gzip, of any number of members) piece by piece, as fast as the caller takes them. The bounds on a
 * plain body hold for its output, too.
 */
export async function* gunzipPieces(pieces: AsyncGenerator<Buffer, EndOfReading>): AsyncGenerator<Buffer, EndOfBody> {
  // At its first use, not at the start.
  const { createGunzip } = await import("node:zlib");
  const reading: { end: EndOfReading } = { end: "gone" };
  let [arrivedBytes, inflatedBytes] = [0, 0];
  async function* arriving(): AsyncGenerator<Buffer, void> {
    try {
      for (let next = await pieces.next(); ; next = await pieces.next()) {
        if (next.done) {
          reading.end = next.value;
          return;
        }
        arrivedBytes += next.value.length;
        yield next.value;
      }
    } finally {
      await pieces.return("stopped");
    }
  }
  const inflated = pipeline(Readable.from(arriving(), { objectMode: false }), createGunzip(), () => {});
  try {
    for await (const piece of inflated) {
      inflatedBytes += piece.length;
      if (inflatedBytes > FREE_BYTES + arrivedBytes * MAX_RATIO) return "too_dense";
      yield piece;
    }
    return arrivedBytes === 0 && reading.end === "end" ? "damaged" : reading.end;
  } catch {
    // A body whose reading ended early is cut off, which is no damage of its own.
    return reading.end === "end" ? "damaged" : reading.end;
  } finally {
    inflated.destroy();
  }
}
