import { openPublisher } from "@pedidos/messaging";
import { brokerUrlRules, databaseUrlRules, httpUrlRules, managementUrlRules, openLog } from "@pedidos/process";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { listDeadLetters, requeueDeadLetter, showDeadLetter } from "./commands/dead-letters.ts";
import { demo } from "./commands/demo.ts";
import { doctor } from "./commands/doctor.ts";
import { exportOrders } from "./commands/export.ts";
import { lookUpCustomer, lookUpOrder, traceOrder } from "./commands/look-up.ts";
import { reconcile } from "./commands/reconcile.ts";
import { recount } from "./commands/recount.ts";
import { closeRejection, closeRejections, listRejections, showRejection } from "./commands/rejections.ts";
import { checkFile, send } from "./commands/send.ts";
import { setConsuming } from "./commands/set-consuming.ts";
import { tail } from "./commands/tail.ts";
import { checkUrl, environment } from "./environment.ts";
import { type ExitCode, exitCodes, Failure } from "./failure.ts";
import { formats, openInput } from "./input/open-input.ts";
import { openClient } from "./open-client.ts";
import { tell } from "./print.ts";
import { deliverByAmqp } from "./sending/deliver-by-amqp.ts";
import { deliverByHttp } from "./sending/deliver-by-http.ts";

const ID = { type: "string", demandOption: true, coerce: readId } as const;
const FILE = { type: "string", demandOption: true, describe: "the file of orders; - is standard input" } as const;
const DEAD_LETTER = { type: "string", demandOption: true, describe: "as the list shows it" } as const;
const FORMAT = { choices: formats, describe: "what the file holds; by default what its name says" } as const;
const FILTER = {
  reason: { type: "string", describe: "invalid_json, invalid_order, order_conflict or poison" },
  order: { type: "string", coerce: readId, describe: "of this order id" },
} as const;

const clientOf = ({ url }: { readonly url: string }) => openClient({ url, key: environment.key });

/** Runs a command and ends the process by what came of it. */
async function run(command: () => Promise<ExitCode> | Promise<void>): Promise<void> {
  try {
    process.exitCode = (await command()) ?? exitCodes.done;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tell(error.message);
    process.exitCode = error.exitCode;
  }
}

await yargs(hideBin(process.argv))
  .scriptName("pedidos")
  .usage("$0 <command>: orders in, compared, looked up, exported. PEDIDOS_KEY is the API key, where one is needed.")
  .locale("en")
  .option("url", {
    type: "string",
    default: environment.url,
    // Not shown as it is: it may be wrong, and hold a password.
    defaultDescription: "PEDIDOS_URL",
    coerce: (url: string) => checkUrl("The URL of the API (--url, PEDIDOS_URL)", url, httpUrlRules),
    describe: "the API",
  })
  .option("json", { type: "boolean", default: false, describe: "results as JSON, one a line" })
  .command(
    "send <file>",
    "Send every order of a file (NDJSON, JSON array or CSV; .gz too); run again it goes on where it was",
    (command) =>
      command
        .positional("file", FILE)
        .option("format", FORMAT)
        .option("amqp", { type: "boolean", default: false, describe: "straight to the broker of AMQP_URL" })
        .option("dry-run", { type: "boolean", default: false, describe: "check the file only" }),
    ({ file, format, amqp, dryRun, json: asJson, ...rest }) =>
      run(async () => {
        const input = openInput(file, format);
        if (dryRun) return await checkFile(input, asJson);
        if (!amqp) return await send(deliverByHttp(clientOf(rest)), input, { target: rest.url, asJson });
        const url = environment.amqpUrl;
        if (url === undefined) throw new Failure(exitCodes.usage, "Set AMQP_URL to the broker's URL.");
        checkUrl("AMQP_URL", url, brokerUrlRules);
        const publisher = openPublisher({ url, name: "pedidos send", log: openLog("pedidos-cli", "silent") });
        try {
          return await send(deliverByAmqp(publisher), input, { target: "amqp", asJson });
        } finally {
          await publisher.close();
        }
      }),
  )
  .command(
    "reconcile <file>",
    "Tell which orders of a file are not recorded as they stand there; nothing is written",
    (command) => command.positional("file", FILE).option("format", FORMAT),
    ({ file, format, json: asJson, ...rest }) => run(() => reconcile(clientOf(rest), openInput(file, format), asJson)),
  )
  .command(
    "export",
    "Write the orders of a customer, or of everybody, newest first",
    (command) =>
      command
        .option("customer", { type: "string", coerce: readId, describe: "of this customer alone" })
        .option("from", { type: "string", describe: "recorded at this time or later (RFC 3339)" })
        .option("to", { type: "string", describe: "recorded before this time" })
        .option("format", { choices: ["csv", "ndjson"] as const, default: "csv" as const })
        .option("output", { alias: "o", type: "string", describe: "a file; by default standard output" }),
    (options) => run(() => exportOrders(clientOf(options), options)),
  )
  .command(
    "customer <id>",
    "Show a customer's count, exact total, first and last order",
    (command) => command.positional("id", ID),
    ({ id, json: asJson, ...rest }) => run(() => lookUpCustomer(clientOf(rest), id, asJson)),
  )
  .command(
    "order <id>",
    "Show an order as it is recorded",
    (command) => command.positional("id", ID),
    ({ id, json: asJson, ...rest }) => run(() => lookUpOrder(clientOf(rest), id, asJson)),
  )
  .command(
    "trace <id>",
    "Show all that is known of an order id, recorded or not",
    (command) => command.positional("id", ID),
    ({ id, json: asJson, ...rest }) => run(() => traceOrder(clientOf(rest), id, asJson)),
  )
  .command(
    "tail",
    "Show what is recorded and rejected from now on",
    (command) =>
      command.option("since", { type: "string", default: "now", describe: "the cursor of an earlier change" }),
    ({ since, json: asJson, ...rest }) => run(() => tail(clientOf(rest), since, asJson)),
  )
  .command("rejections", "What could not become an order", (rejections) =>
    rejections
      .command(
        "list",
        "Newest first",
        (command) =>
          command
            .options(FILTER)
            .option("status", { choices: ["open", "replayed", "discarded"] as const })
            .option("limit", { type: "number", default: 50 }),
        ({ limit, json: asJson, ...filter }) => run(() => listRejections(clientOf(filter), filter, { limit, asJson })),
      )
      .command(
        "show <id>",
        "One of them, with its original body",
        (command) => command.positional("id", ID),
        ({ id, json: asJson, ...rest }) => run(() => showRejection(clientOf(rest), id, asJson)),
      )
      .command(
        "replay [id]",
        "Submit one again, as it was kept or corrected; or --all that the filter finds",
        (command) =>
          command
            .positional("id", { type: "string", coerce: readId })
            .options(FILTER)
            .option("with", { type: "string", describe: "a file with the corrected order; - is standard input" })
            .option("all", { type: "boolean", default: false })
            .option("dry-run", { type: "boolean", default: false, describe: "only tell how many" }),
        ({ id, all, dryRun, with: orderFile, ...filter }) =>
          run(async () => {
            if (all) return await closeRejections(clientOf(filter), "replay", { filter, dryRun });
            return await closeRejection(clientOf(filter), "replay", { rejectionId: oneOf(id), orderFile });
          }),
      )
      .command(
        "discard [id]",
        "Close one for good; or --all that the filter finds",
        (command) =>
          command
            .positional("id", { type: "string", coerce: readId })
            .options(FILTER)
            .option("all", { type: "boolean", default: false })
            .option("dry-run", { type: "boolean", default: false, describe: "only tell how many" }),
        ({ id, all, dryRun, ...filter }) =>
          run(async () => {
            if (all) return await closeRejections(clientOf(filter), "discard", { filter, dryRun });
            return await closeRejection(clientOf(filter), "discard", { rejectionId: oneOf(id) });
          }),
      )
      .demandCommand(1),
  )
  .command("dead-letters", "What the broker gave up on, or what is too large", (deadLetters) =>
    deadLetters
      .command(
        "list",
        "Oldest first; they stay where they are",
        (command) => command.option("limit", { type: "number", default: 50, describe: "at most 200" }),
        ({ limit, json: asJson, ...rest }) => run(() => listDeadLetters(clientOf(rest), { limit, asJson })),
      )
      .command(
        "show <id>",
        "One of them, its body up to 64 KiB",
        (command) => command.positional("id", DEAD_LETTER),
        ({ id, json: asJson, ...rest }) => run(() => showDeadLetter(clientOf(rest), id, asJson)),
      )
      .command(
        "requeue <id>",
        "Put one back to the queue it came from",
        (command) => command.positional("id", DEAD_LETTER),
        ({ id, ...rest }) => run(() => requeueDeadLetter(clientOf(rest), id)),
      )
      .demandCommand(1),
  )
  .command(
    "pause",
    "Have every consumer stop recording; orders are accepted, and wait",
    (command) => command,
    ({ json: asJson, ...rest }) => run(() => setConsuming(clientOf(rest), true, asJson)),
  )
  .command(
    "resume",
    "Have every consumer go on",
    (command) => command,
    ({ json: asJson, ...rest }) => run(() => setConsuming(clientOf(rest), false, asJson)),
  )
  .command(
    "recount",
    "Count every customer's orders and total anew, from the items, while orders come in",
    (command) => command.option("repair", { type: "boolean", default: false, describe: "set right what differs" }),
    ({ repair, json: asJson, ...rest }) => run(() => recount(clientOf(rest), { repair, asJson })),
  )
  .command(
    "doctor",
    "Look at the API, and at DATABASE_URL and AMQP_URL where they are set, and say what to do about each finding",
    (command) => command,
    ({ url, json: asJson }) =>
      run(async () => {
        const { databaseUrl, amqpUrl, managementUrl } = environment;
        if (databaseUrl !== undefined) checkUrl("DATABASE_URL", databaseUrl, databaseUrlRules);
        if (amqpUrl !== undefined) checkUrl("AMQP_URL", amqpUrl, brokerUrlRules);
        if (managementUrl !== undefined) checkUrl("AMQP_MANAGEMENT_URL", managementUrl, managementUrlRules);
        return await doctor({ url, databaseUrl, amqpUrl, managementUrl, asJson });
      }),
  )
  .command(
    "demo",
    "Send made-up orders at a steady rate",
    (command) =>
      command
        .option("rate", { type: "number", default: 20, describe: "orders a second" })
        .option("seconds", { type: "number", default: 60 }),
    ({ rate, seconds, ...rest }) => run(() => demo(clientOf(rest), { rate, seconds })),
  )
  .completion("completion", "Print the completions for bash or zsh")
  .demandCommand(1)
  .strict()
  .fail((message, error, parser) => {
    // What a reader of an option throws comes as an error of yargs' own, with its message.
    if (error && error.name !== "YError") throw error;
    tell(`${error?.message ?? message}\n`);
    if (!error) parser.showHelp("error");
    process.exit(exitCodes.usage);
  })
  .epilogue(
    "Ends with 0: done; 1: done, and something was found (rejected lines, differences, findings); 64: wrong usage; 66: the file cannot be read; 69: the server does not answer; 76: it refuses; 77: a key is missing or lacks the scope.",
  )
  .parseAsync();

/** Ids have up to 16 digits; yargs' own numbers would take "1e3" and "0x1" as well, and NaN for the rest. */
function readId(text: string): number {
  const id = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new Failure(exitCodes.usage, `${text} is no id: an integer from 1 to ${Number.MAX_SAFE_INTEGER}.`);
}

function oneOf(id: number | undefined): number {
  if (id !== undefined) return id;
  throw new Failure(exitCodes.usage, "Name the rejection's id, or say --all with a filter.");
}
