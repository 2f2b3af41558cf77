import { Rejection, RejectionPage, rejectionStatuses } from "@pedidos/contract";
import { command, commandGroup } from "../command.ts";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import type { Client } from "../open-client.ts";
import { ID, idOption, numberOption, OPTIONAL_ID, pathOption, TEXT } from "../options.ts";
import { log, print, printTable } from "../print.ts";
import { readOrderFile } from "../read-order-file.ts";

type Filter = {
  readonly reason?: string | undefined;
  readonly status?: string | undefined;
  readonly order?: number | undefined;
};
type Action = "replay" | "discard";
type Choice = Filter & { readonly id?: number | undefined; readonly all: boolean; readonly dryRun: boolean };

const FILTER = {
  reason: { ...TEXT, describe: "invalid_json, invalid_order, order_conflict or poison" },
  order: idOption("order", "of this order id"),
} as const;
/** The most of a table, which is made in memory. */
const MOST = 10_000;
const CHOICE = {
  ...FILTER,
  all: { type: "boolean", default: false, describe: "all open ones, or those that --reason and --order find" },
  "dry-run": { type: "boolean", default: false, describe: "only report how many" },
} as const;

const list = command(
  "list",
  "Newest first",
  (argv) =>
    argv
      .options(FILTER)
      .option("status", { choices: rejectionStatuses, requiresArg: true })
      .option("limit", numberOption("limit", "how many", { from: 1, to: MOST, default: 50 })),
  async ({ limit, json, ...filter }, client) => {
    const rows: Row[] = [];
    let count = 0;
    for await (const rejection of walk(client, filter)) {
      if (json) print(rejection, true);
      else rows.push(rowOf(rejection));
      if (++count === limit) break;
    }
    if (count === 0 && !json) log("There are no rejections that match.");
    printTable(rows);
  },
);

type Row = ReturnType<typeof rowOf>;

function rowOf({ rejectionId, firstSeenAt, reason, orderId, source, times, status, errors }: Rejection) {
  return {
    rejection: rejectionId,
    "first seen": firstSeenAt,
    reason,
    order: orderId,
    source,
    times,
    status,
    fault: errors[0] === undefined ? null : `${errors[0].pointer} ${errors[0].detail}`.trim().slice(0, 80),
  };
}

const show = command(
  "show <id>",
  "One of them, with its original body",
  (argv) => argv.positional("id", ID),
  async ({ id, json }, client) => print(await client.read(Rejection, { path: `/v1/rejections/${id}` }), json),
);

const replay = command(
  "replay [id]",
  "Submit one again, as it was kept or corrected; or --all that the filter finds",
  (argv) =>
    argv
      .positional("id", OPTIONAL_ID)
      .options(CHOICE)
      .option("with", pathOption("with", "a file with the corrected order; - is standard input")),
  ({ with: orderFile, ...choice }, client) => close(client, "replay", choice, orderFile),
  { interrupted: (choice) => adviceOf(choice) },
);

const discard = command(
  "discard [id]",
  "Close one for good; or --all that the filter finds",
  (argv) => argv.positional("id", OPTIONAL_ID).options(CHOICE),
  (choice, client) => close(client, "discard", choice),
  { interrupted: (choice) => adviceOf(choice) },
);

export const rejections = commandGroup("rejections", "What could not become an order", [list, show, replay, discard]);

/** Closes either the rejection of an id, or all that a filter finds. */
async function close(client: Client, action: Action, choice: Choice, orderFile?: string): Promise<ExitCode> {
  const { id, all, dryRun, reason, order } = choice;
  const isFiltered = reason !== undefined || order !== undefined;
  if ((id === undefined) !== all || (!all && isFiltered) || (all && orderFile !== undefined))
    throw new Failure(
      exitCodes.usage,
      "Name the rejection's id alone, which --with may correct; or say --all, with --reason and --order as its filter.",
    );
  return id === undefined
    ? await closeAll(client, action, { reason, order }, dryRun)
    : await closeOne(client, action, id, dryRun, orderFile);
}

async function closeOne(
  client: Client,
  action: Action,
  id: number,
  dryRun: boolean,
  orderFile: string | undefined,
): Promise<ExitCode> {
  const order =
    orderFile === undefined ? {} : { contentType: "application/json", body: await readOrderFile(orderFile) };
  if (dryRun) {
    const { status } = await client.read(Rejection, { path: `/v1/rejections/${id}` });
    log(status === "open" ? `Rejection ${id} would be ${past(action)}.` : `Rejection ${id} is ${status} already.`);
    return status === "open" ? exitCodes.done : exitCodes.found;
  }
  await client.fetch({ method: "POST", path: `/v1/rejections/${id}/${action}`, ...order });
  log(`Rejection ${id} is ${past(action)}.`);
  return exitCodes.done;
}

async function closeAll(client: Client, action: Action, filter: Filter, dryRun: boolean): Promise<ExitCode> {
  let [done, refused] = [0, 0];
  for await (const { rejectionId } of walk(client, { ...filter, status: "open" })) {
    try {
      if (!dryRun) await client.fetch({ method: "POST", path: `/v1/rejections/${rejectionId}/${action}` });
      done++;
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode !== exitCodes.refused) throw error;
      log(`Rejection ${rejectionId} stays open. ${error.message}`);
      refused++;
    }
  }
  log(dryRun ? `${done} would be ${past(action)}.` : `${done} are ${past(action)}, ${refused} stay open.`);
  return refused === 0 ? exitCodes.done : exitCodes.found;
}

async function* walk(client: Client, { reason, status, order }: Filter): AsyncGenerator<Rejection> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page: RejectionPage = await client.read(RejectionPage, {
      path: "/v1/rejections",
      query: { limit: 200, cursor, reason, status, orderId: order },
    });
    yield* page.rejections;
    cursor = page.nextCursor;
  }
}

function adviceOf({ all, dryRun }: Choice): string {
  if (dryRun) return "Nothing was changed.";
  return all ? "Run the same command again to go on with what is still open." : "Show it to see whether it is open.";
}

const past = (action: Action) => (action === "replay" ? "replayed" : "discarded");
