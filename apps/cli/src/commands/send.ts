import { basename } from "node:path";
import { type ExitCode, exitCodes } from "../failure.ts";
import type { Input } from "../input/open-input.ts";
import { readOrders } from "../input/read-orders.ts";
import { mapInOrder } from "../map-in-order.ts";
import { openProgress } from "../open-progress.ts";
import { print, tell } from "../print.ts";
import type { Deliver } from "../sending/deliver.ts";
import { type Chunk, gatherChunks } from "../sending/gather-chunks.ts";
import { rememberProgress } from "../sending/remember-progress.ts";
import { openReport } from "../sending/write-report.ts";

const CHUNKS_IN_FLIGHT = 4;

export type SendOptions = { readonly target: string; readonly asJson: boolean };

/** `pedidos send FILE`: every order of a file, to where it is durable. Killed and run again, it goes on where it was. */
export async function send(deliver: Deliver, input: Input, { target, asJson }: SendOptions): Promise<ExitCode> {
  const memory = input.file === null ? null : rememberProgress(input.file, target);
  const before = memory?.sent ?? null;
  if (before !== null) tell(`Going on after line ${before.line}, where an earlier run was: ${before.accepted} are in.`);
  const report = openReport(input.file ?? "stdin", input.format, before !== null);
  const progress = openProgress(input, !asJson);
  let [accepted, rejected] = [before?.accepted ?? 0, before?.rejected ?? 0];
  try {
    const chunks = gatherChunks(readOrders(input), before?.line ?? 0);
    for await (const done of mapInOrder(chunks, CHUNKS_IN_FLIGHT, (chunk) => deliverChunk(deliver, chunk))) {
      accepted += done.accepted;
      rejected += done.rejected.length;
      report.add(done.rejected);
      memory?.save({ line: done.lastLine, accepted, rejected });
      progress.update(accepted + rejected);
    }
  } catch (error) {
    progress.stop();
    tell(`${accepted} orders are in. The same command goes on from there.`);
    throw error;
  }
  progress.stop();
  memory?.forget();
  print({ accepted, rejected, ...(rejected > 0 && reportFiles(report)) }, asJson);
  if (rejected === 0) return exitCodes.done;
  tell(`Mend ${basename(report.rejectedFile)}, as ${basename(report.errorsFile)} says, and send it.`);
  return exitCodes.found;
}

/** `pedidos send --dry-run FILE`: what would be turned down, without sending anything. */
export async function checkFile(input: Input, asJson: boolean): Promise<ExitCode> {
  const report = openReport(input.file ?? "stdin", input.format, false);
  const progress = openProgress(input, !asJson);
  let [valid, rejected] = [0, 0];
  for await (const chunk of gatherChunks(readOrders(input))) {
    valid += chunk.orders.length;
    rejected += chunk.rejected.length;
    report.add(chunk.rejected);
    progress.update(valid + rejected);
  }
  progress.stop();
  print({ valid, rejected, ...(rejected > 0 && reportFiles(report)) }, asJson);
  return rejected === 0 ? exitCodes.done : exitCodes.found;
}

async function deliverChunk(deliver: Deliver, { orders, rejected, lastLine }: Chunk) {
  const delivered = orders.length === 0 ? { accepted: 0, rejected: [] } : await deliver({ orders });
  const all = [...rejected, ...delivered.rejected].sort((one, other) => one.line - other.line);
  return { accepted: delivered.accepted, rejected: all, lastLine };
}

function reportFiles({ rejectedFile, errorsFile }: { readonly rejectedFile: string; readonly errorsFile: string }) {
  return { rejectedFile, errorsFile };
}
