import type { IncomingMessage } from "node:http";

/** Why reading ended: the body is complete, the client has gone or is too slow, or the process is stopping. */
export type EndOfReading = "end" | "gone" | "too_slow" | "stopped";

export type Pace = {
  /** The longest pause. */
  readonly idleMs: number;
  /** The least rate, over all the time that was spent waiting for the client, once that is `graceMs`. */
  readonly leastBytesPerSecond: number;
  readonly graceMs: number;
};

/** A batch may last as long as it likes, but must not hold a connection for next to nothing. */
export const BATCH_PACE: Pace = { idleMs: 30_000, leastBytesPerSecond: 256, graceMs: 60_000 };

/** An array counts only as a whole, and is held meanwhile. */
export const ARRAY_PACE: Pace = { idleMs: 10_000, leastBytesPerSecond: 4 * 1024, graceMs: 10_000 };

/**
 * Reads a body piece by piece, as fast as the caller takes them: while nobody asks for the next piece, nothing is read,
 * and the client is held back. Only the time spent waiting for the client counts against it.
 */
export async function* readSteadily(
  request: IncomingMessage,
  stopping: AbortSignal,
  pace: Pace = BATCH_PACE,
): AsyncGenerator<Buffer, EndOfReading> {
  let ended: EndOfReading | undefined;
  let wake = () => {};
  const end = (reason: EndOfReading) => {
    ended ??= reason;
    wake();
  };
  const [onEnd, onGone, onStop] = [() => end("end"), () => end("gone"), () => end("stopped")];
  const onReadable = () => wake();
  request.on("readable", onReadable).on("end", onEnd).on("error", onGone).on("close", onGone);
  stopping.addEventListener("abort", onStop);
  if (stopping.aborted) onStop();

  let [waitedMs, bytes] = [0, 0];
  try {
    while (ended !== "stopped") {
      const piece: Buffer | null = request.read();
      if (piece !== null) {
        bytes += piece.length;
        yield piece;
        continue;
      }
      if (ended !== undefined) return ended;
      const start = performance.now();
      const timer = setTimeout(() => end("too_slow"), pace.idleMs);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      clearTimeout(timer);
      waitedMs += performance.now() - start;
      if (waitedMs > pace.graceMs && bytes < (waitedMs / 1_000) * pace.leastBytesPerSecond) end("too_slow");
    }
    return ended;
  } finally {
    request.off("readable", onReadable).off("end", onEnd).off("close", onGone);
    stopping.removeEventListener("abort", onStop);
  }
}
