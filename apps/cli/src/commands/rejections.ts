import { readFileSync } from "node:fs";
import { Rejection, RejectionPage, rejectionStatuses } from "@pedidos/contract";
import { command, commandGroup, ID, readId } from "../command.ts";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import type { Client } from "../open-client.ts";
import { log, print, printTable } from "../print.ts";

type Filter = {
  readonly reason?: string | undefined;
  readonly status?: string | undefined;
  readonly order?: number | undefined;
};
type Action = "replay" | "discard";

const FILTER = {
  reason: { type: "string", describe: "invalid_json, invalid_order, order_conflict or poison" },
  order: { type: "string", coerce: readId, describe: "of this order id" },
} as const;
const OPTIONAL_ID = { type: "string", coerce: readId } as const;
const ALL = { type: "boolean", default: false } as const;
const DRY_RUN = { type: "boolean", default: false, describe: "only report how many" } as const;

const list = command(
  "list",
  "Newest first",
  (argv) =>
    argv
      .options(FILTER)
      .option("status", { choices: rejectionStatuses })
      .option("limit", { type: "number", default: 50 }),
  async ({ limit, json, ...filter }, client) => {
    const found: Rejection[] = [];
    for await (const rejection of walk(client, filter)) {
      if (json) print(rejection, true);
      else found.push(rejection);
      if (--limit === 0) break;
    }
    printTable(
      found.map(({ rejectionId, firstSeenAt, reason, orderId, source, times, status, errors }) => ({
        rejection: rejectionId,
        "first seen": firstSeenAt,
        reason,
        order: orderId,
        source,
        times,
        status,
        fault: errors[0] === undefined ? null : `${errors[0].pointer} ${errors[0].detail}`.trim().slice(0, 80),
      })),
    );
  },
);

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
      .options(FILTER)
      .option("with", { type: "string", describe: "a file with the corrected order; - is standard input" })
      .option("all", ALL)
      .option("dry-run", DRY_RUN),
  ({ id, all, dryRun, with: orderFile, ...filter }, client) =>
    all ? closeAll(client, "replay", filter, dryRun) : closeOne(client, "replay", id, orderFile),
);

const discard = command(
  "discard [id]",
  "Close one for good; or --all that the filter finds",
  (argv) => argv.positional("id", OPTIONAL_ID).options(FILTER).option("all", ALL).option("dry-run", DRY_RUN),
  ({ id, all, dryRun, ...filter }, client) =>
    all ? closeAll(client, "discard", filter, dryRun) : closeOne(client, "discard", id),
);

export const rejections = commandGroup("rejections", "What could not become an order", [list, show, replay, discard]);

async function closeOne(
  client: Client,
  action: Action,
  id: number | undefined,
  orderFile?: string | undefined,
): Promise<ExitCode> {
  if (id === undefined) throw new Failure(exitCodes.usage, "Name the rejection's id, or say --all with a filter.");
  const order = orderFile === undefined ? {} : { contentType: "application/json", body: readOrderFile(orderFile) };
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

function readOrderFile(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new Failure(exitCodes.noInput, `${file} cannot be read (${error instanceof Error ? error.message : error}).`);
  }
}

const past = (action: Action) => (action === "replay" ? "replayed" : "discarded");
