import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import about from "../package.json" with { type: "json" };
import { addCommands } from "./command.ts";
import { deadLetters } from "./commands/dead-letters.ts";
import { demo } from "./commands/demo.ts";
import { doctor } from "./commands/doctor.ts";
import { exportOrders } from "./commands/export.ts";
import { keys } from "./commands/keys.ts";
import { lookUpCustomer, lookUpOrder, traceOrder } from "./commands/look-up.ts";
import { reconcile } from "./commands/reconcile.ts";
import { recount } from "./commands/recount.ts";
import { rejections } from "./commands/rejections.ts";
import { send } from "./commands/send.ts";
import { pause, resume } from "./commands/set-consuming.ts";
import { tail } from "./commands/tail.ts";
import { complete } from "./complete.ts";
import { environment, readApiUrl } from "./environment.ts";
import { exitCodes } from "./failure.ts";
import { guardProcess } from "./guard-process.ts";
import { TEXT } from "./options.ts";
import { log } from "./print.ts";

guardProcess();

const program = yargs(hideBin(process.argv))
  .scriptName("pedidos")
  .version(about.version)
  // Of an option that is given twice the last one stands, and --no-output does not make a false of a text.
  .parserConfiguration({ "duplicate-arguments-array": false, "boolean-negation": false, "dot-notation": false })
  .usage("$0 <command>: orders in, compared, looked up, exported. PEDIDOS_KEY is the API key, where one is needed.")
  .locale("en")
  .option("url", {
    ...TEXT,
    default: environment.url,
    // The help does not show it as it is: a wrong URL may hold a password.
    defaultDescription: "PEDIDOS_URL",
    coerce: readApiUrl,
    describe: "the API",
  })
  .option("json", { type: "boolean", default: false, describe: "results as JSON, one a line" });

await addCommands(program, [
  ...[send, reconcile, exportOrders, lookUpCustomer, lookUpOrder, traceOrder, tail, rejections, deadLetters],
  ...[pause, resume, recount, keys, doctor, demo],
])
  .completion("completion", "Print the completions for bash or zsh", complete)
  .demandCommand(1)
  .strict()
  .fail((message, error, parser) => {
    // An option's reader throws a Failure, which arrives as a YError with its message.
    if (error && error.name !== "YError") throw error;
    log(`${error?.message ?? message}\n`);
    if (!error) parser.showHelp("error");
    process.exit(exitCodes.usage);
  })
  .epilogue(
    "Ends with 0: done; 1: done, and something was found (rejected lines, differences, findings); 64: wrong usage; 66: the file cannot be read; 69: the server does not answer; 73: a file cannot be written; 76: the server refuses; 77: a key is missing or lacks the scope.",
  )
  .parseAsync();
