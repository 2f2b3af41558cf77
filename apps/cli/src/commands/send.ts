import { basename } from "node:path";
import { openPublisher } from "@pedidos/messaging";
import { brokerUrlRules, openLog } from "@pedidos/process";
import { pMapIterable } from "p-map";
import { command, FILE, FORMAT } from "../command.ts";
import { checkUrl, environment } from "../environment.ts";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import { type Input, openInput } from "../input/open-input.ts";
import { readOrders } from "../input/read-orders.ts";
import { openProgress } from "../open-progress.ts";
import { log, print } from "../print.ts";
import { deliverByAmqp } from "../sending/deliver-by-amqp.ts";
import { deliverByHttp } from "../sending/deliver-by-http.ts";
import { type Chunk, type Deliver, gatherChunks } from "../sending/gather-chunks.ts";
import { rememberProgress } from "../sending/remember-progress.ts";
import { openReport, type Report } from "../sending/write-report.ts";

const CHUNKS_IN_FLIGHT = 4;

export const send = command(
  "send <file>",
  "Send every order of a file (NDJSON, JSON array or CSV; .gz too); run again it goes on where it was",
  (argv) =>
    argv
      .positional("file", FILE)
      .option("format", FORMAT)
      .option("amqp", { type: "boolean", default: false, describe: "straight to the broker of AMQP_URL" })
      .option("dry-run", { type: "boolean", default: false, describe: "check the file only" }),
  async ({ file, format, amqp, dryRun, url, json }, client) => {
    const input = openInput(file, format);
    if (dryRun) return await checkFile(input, json);
    if (!amqp) return await sendFile(deliverByHttp(client), input, url, json);
    if (environment.amqpUrl === undefined) throw new Failure(exitCodes.usage, "Set AMQP_URL to the broker's URL.");
    const brokerUrl = checkUrl("AMQP_URL", environment.amqpUrl, brokerUrlRules);
    const publisher = openPublisher({ url: brokerUrl, name: "pedidos send", log: openLog("pedidos-cli", "silent") });
    try {
      return await sendFile(deliverByAmqp(publisher), input, "amqp", json);
    } finally {
      await publisher.close();
    }
  },
  { waits: true, interrupted: ({ dryRun }) => (dryRun ? "Nothing was sent." : "Run the same command again to go on.") },
);

/** Sends every order of a file until it is durable. Killed and run again, it goes on after the last chunk that was. */
async function sendFile(deliver: Deliver, input: Input, target: string, asJson: boolean): Promise<ExitCode> {
  const memory = input.file === null ? null : rememberProgress(input.file, target);
  const before = memory?.sent ?? null;
  if (before !== null) log(`Going on after line ${before.line}, where an earlier run was: ${before.accepted} are in.`);
  const report = openReport(input.file ?? "stdin", input.format, before !== null);
  const progress = openProgress(input, !asJson);
  let [accepted, rejected] = [before?.accepted ?? 0, before?.rejected ?? 0];
  try {
    const chunks = gatherChunks(readOrders(input), before?.line ?? 0);
    const deliveries = pMapIterable(chunks, (chunk) => deliverChunk(deliver, chunk), { concurrency: CHUNKS_IN_FLIGHT });
    for await (const delivered of deliveries) {
      accepted += delivered.accepted;
      rejected += delivered.rejected.length;
      report.add(delivered.rejected);
      memory?.save({ line: delivered.lastLine, accepted, rejected });
      progress.update(accepted + rejected);
    }
  } catch (error) {
    progress.stop();
    log(`${accepted} orders are in. The same command goes on from there.`);
    throw error;
  }
  progress.stop();
  memory?.forget();
  return printCounts({ accepted, rejected }, report, asJson);
}

/** Finds what would be rejected, and sends nothing. */
async function checkFile(input: Input, asJson: boolean): Promise<ExitCode> {
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
  return printCounts({ valid, rejected }, report, asJson);
}

async function deliverChunk(deliver: Deliver, { orders, rejected, lastLine }: Chunk) {
  const delivered = orders.length === 0 ? { accepted: 0, rejected: [] } : await deliver(orders);
  const all = [...rejected, ...delivered.rejected].sort((one, other) => one.line - other.line);
  return { accepted: delivered.accepted, rejected: all, lastLine };
}

function printCounts(
  counts: Readonly<Record<string, number>> & { readonly rejected: number },
  { rejectedFile, errorsFile }: Report,
  asJson: boolean,
): ExitCode {
  print({ ...counts, ...(counts.rejected > 0 && { rejectedFile, errorsFile }) }, asJson);
  if (counts.rejected === 0) return exitCodes.done;
  log(`Fix ${basename(rejectedFile)}, as ${basename(errorsFile)} says, and send it.`);
  return exitCodes.found;
}
