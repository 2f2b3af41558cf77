import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { openPublisher } from "@pedidos/messaging";
import { brokerUrlRules, openLog } from "@pedidos/process";
import { command } from "../command.ts";
import { checkUrl, environment } from "../environment.ts";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import { csvOptionsOf, inputOptions } from "../input/input-options.ts";
import { limitMemory } from "../input/limit-memory.ts";
import { type Input, openInput } from "../input/open-input.ts";
import { readOrders } from "../input/read-orders.ts";
import { pathOption } from "../options.ts";
import { log, print } from "../print.ts";
import { deliverByAmqp } from "../sending/deliver-by-amqp.ts";
import { deliverByHttp } from "../sending/deliver-by-http.ts";
import { checkFile, type Sending, sendFile, withCount } from "../sending/send-file.ts";
import { type ReportFiles, reportFiles } from "../sending/write-report.ts";

export const send = command(
  "send <file>",
  "Send every order of a file (NDJSON, JSON array or CSV; .gz too); run again it goes on where it was",
  (argv) =>
    inputOptions(argv)
      .option("amqp", { type: "boolean", default: false, describe: "straight to the broker of AMQP_URL" })
      .option("report", pathOption("report", "what the names of the reports begin with, or their folder"))
      .option("dry-run", { type: "boolean", default: false, describe: "check the file only" }),
  async ({ file, format, encoding, locale, map, ignoreExtra, amqp, dryRun, url, report, json }, client) => {
    limitMemory();
    const options = csvOptionsOf({ locale, map, ignoreExtra });
    const brokerUrl = amqp && !dryRun ? brokerUrlOf(environment.amqpUrl) : undefined;
    const input = await openInput(file, { format, encoding }).catch((error: unknown) => {
      throw error instanceof Failure ? withCount(error, 0) : error;
    });
    const files = reportFiles(baseOf(input, report) + (dryRun ? ".dry-run" : ""), input);
    const sending: Sending = { input, reading: readOrders(input, options), files, showsProgress: !json };
    if (dryRun) return printResult(await checkFile(sending), json);
    const run = { format: input.format, encoding: input.encoding, files, locale, map, ignoreExtra };
    if (brokerUrl === undefined)
      return printResult(await sendFile(deliverByHttp(client), sending, `${url} ${JSON.stringify(run)}`), json);
    const publisher = openPublisher({ url: brokerUrl, name: "pedidos send", log: openLog("pedidos-cli", "silent") });
    try {
      return printResult(await sendFile(deliverByAmqp(publisher), sending, `amqp ${JSON.stringify(run)}`), json);
    } finally {
      await publisher.close();
    }
  },
  { waits: true, interrupted: ({ dryRun }) => (dryRun ? "Nothing was sent." : "Run the same command again to go on.") },
);

/** What a person asks for may be a folder. */
function baseOf({ reportBase }: Input, asked: string | undefined): string {
  if (asked === undefined) return reportBase;
  const isFolder = asked.endsWith("/") || statSync(asked, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(asked, basename(reportBase)) : asked;
}

function brokerUrlOf(url: string | undefined): string {
  if (url === undefined) throw new Failure(exitCodes.usage, "Set AMQP_URL to the broker's URL.");
  return checkUrl("AMQP_URL", url, brokerUrlRules);
}

function printResult(result: { readonly rejected: number } & Partial<ReportFiles>, asJson: boolean): ExitCode {
  print(result, asJson);
  const { rejected, rejectedFile, errorsFile } = result;
  if (rejected === 0) return exitCodes.done;
  if (rejectedFile !== undefined && errorsFile !== undefined)
    log(`Fix ${basename(rejectedFile)}, as ${basename(errorsFile)} says, and send it with the same options.`);
  return exitCodes.found;
}
