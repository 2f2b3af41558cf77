import { DeadLetters } from "@pedidos/contract";
import { command, commandGroup } from "../command.ts";
import { exitCodes, Failure } from "../failure.ts";
import type { Client } from "../open-client.ts";
import { numberOption } from "../options.ts";
import { log, print, printTable } from "../print.ts";

/** The API shows no more than this. */
const MOST = 200;
const ID = { type: "string", demandOption: true, describe: "as the list shows it" } as const;

const list = command(
  "list",
  "Oldest first; they stay where they are",
  (argv) => argv.option("limit", numberOption("limit", "how many", { from: 1, to: MOST, default: 50 })),
  async ({ limit, json }, client) => {
    const { deadLetters, depth } = await read(client, limit);
    if (json) for (const deadLetter of deadLetters) print(deadLetter, true);
    else if (deadLetters.length === 0) log("There are no dead letters.");
    else
      printTable(
        deadLetters.map(({ deadLetterId, diedAt, reason, queue, size }) => ({
          "dead letter": deadLetterId,
          died: diedAt,
          reason,
          queue,
          bytes: size,
        })),
      );
    if (depth > deadLetters.length) log(`${deadLetters.length} of ${depth} are shown.`);
  },
);

const show = command(
  "show <id>",
  "One of them, its body up to 64 KiB",
  (argv) => argv.positional("id", ID),
  async ({ id, json }, client) => {
    const { deadLetters } = await read(client, MOST);
    const found = deadLetters.find(({ deadLetterId }) => deadLetterId === id);
    if (found === undefined)
      throw new Failure(exitCodes.refused, `There is no dead letter ${id} among the oldest ${MOST}.`);
    print(found, json);
  },
);

const requeue = command(
  "requeue <id>",
  "Put one back to the queue it came from",
  (argv) => argv.positional("id", ID),
  async ({ id }, client) => {
    await client.fetch({ method: "POST", path: `/v1/dead-letters/${encodeURIComponent(id)}/requeue` });
    log(`Dead letter ${id} is put back.`);
  },
);

export const deadLetters = commandGroup("dead-letters", "What the broker gave up on, or what is too large", [
  list,
  show,
  requeue,
]);

function read(client: Client, limit: number) {
  return client.read(DeadLetters, { path: "/v1/dead-letters", query: { limit } });
}
