import { pMapIterable } from "p-map";
import { Failure } from "../failure.ts";
import type { Input } from "../input/open-input.ts";
import type { Reading } from "../input/read-orders.ts";
import { openProgress } from "../open-progress.ts";
import { log } from "../print.ts";
import { type Chunk, type Deliver, gatherChunks } from "./gather-chunks.ts";
import { type ProgressMemory, rememberProgress } from "./remember-progress.ts";
import { holdsReport, openReport, type ReportFiles } from "./write-report.ts";

const CHUNKS_IN_FLIGHT = 4;

export type Sending = {
  readonly input: Input;
  readonly reading: Reading;
  readonly files: ReportFiles;
  /** Whether a bar shows how far it is. */
  readonly showsProgress: boolean;
};

/**
 * Sends every order of a file until it is durable. Killed and run again, it goes on after the last chunk that was.
 *
 * @param run where it is sent, and how it is read: all that makes a run another one
 * @returns the counts, and the files of the report if there is one
 * @throws {Failure} where the file can't be read on, with the number of orders that are in; or where they can't be delivered
 */
export async function sendFile(deliver: Deliver, { input, reading, files, showsProgress }: Sending, run: string) {
  const memory = input.file === null ? null : rememberProgress(input.file, run);
  const before = progressBefore(memory, files);
  const report = openReport(files, { ...input, head: reading.head }, before?.report ?? null);
  const progress = openProgress(input, showsProgress);
  const end: { failure?: Failure } = {};
  let [accepted, rejected] = [before?.accepted ?? 0, before?.rejected ?? 0];
  try {
    const chunks = untilUnreadable(gatherChunks(reading.orders, before?.line ?? 0), end);
    const deliveries = pMapIterable(chunks, (chunk) => deliverChunk(deliver, chunk), { concurrency: CHUNKS_IN_FLIGHT });
    for await (const delivered of deliveries) {
      accepted += delivered.accepted;
      rejected += delivered.rejected.length;
      report.add(delivered.rejected);
      memory?.save({ line: delivered.lastLine, accepted, rejected, report: report.sizes() });
      progress.update(accepted + rejected);
    }
  } catch (error) {
    const again =
      memory === null ? "Send it again from the beginning: nothing is taken twice." : "Run it again to go on.";
    log(`At least ${accepted} orders are in. ${again}`);
    throw error;
  } finally {
    progress.stop();
  }
  if (end.failure !== undefined) throw withCount(end.failure, accepted);
  const written = report.finish();
  memory?.forget();
  return { accepted, rejected, ...written };
}

/** Finds what would be rejected, and sends nothing. */
export async function checkFile({ input, reading, files, showsProgress }: Sending) {
  const report = openReport(files, { ...input, head: reading.head }, null);
  const progress = openProgress(input, showsProgress);
  let [valid, rejected] = [0, 0];
  try {
    for await (const chunk of gatherChunks(reading.orders)) {
      valid += chunk.orders.length;
      rejected += chunk.rejected.length;
      report.add(chunk.rejected);
      progress.update(valid + rejected);
    }
  } finally {
    progress.stop();
  }
  return { valid, rejected, ...report.finish() };
}

/** The progress of an unfinished run, if what it reported is still there. */
function progressBefore(memory: ProgressMemory | null, files: ReportFiles) {
  const sent = memory?.sent ?? null;
  if (sent === null || !holdsReport(files, sent.report)) return null;
  log(`Going on after line ${sent.line}, where an earlier run was: ${sent.accepted} are in.`);
  return sent;
}

/** Ends the chunks where the file can't be read on, and keeps the reason: what is in flight then is still awaited. */
async function* untilUnreadable(chunks: AsyncIterable<Chunk>, end: { failure?: Failure }): AsyncGenerator<Chunk> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    end.failure = error;
  }
}

/** → the failure, with how many orders are in. */
export function withCount({ exitCode, message }: Failure, accepted: number): Failure {
  const count = accepted === 0 ? "This run sent nothing: 0 orders are in" : `${accepted} orders before that are in`;
  return new Failure(exitCode, `${message} ${count}.`);
}

async function deliverChunk(deliver: Deliver, { orders, rejected, lastLine }: Chunk) {
  const delivered = orders.length === 0 ? { accepted: 0, rejected: [] } : await deliver(orders);
  const all = [...rejected, ...delivered.rejected].sort((one, other) => one.line - other.line);
  return { accepted: delivered.accepted, rejected: all, lastLine };
}
