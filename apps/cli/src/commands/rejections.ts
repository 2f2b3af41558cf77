import { readFileSync } from "node:fs";
import { Rejection, RejectionPage } from "@pedidos/contract";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import type { Client } from "../open-client.ts";
import { print, printTable, tell } from "../print.ts";

export type RejectionFilter = {
  readonly reason?: string | undefined;
  readonly status?: string | undefined;
  readonly order?: number | undefined;
};
export type Action = "replay" | "discard";

/** `pedidos rejections list`: newest first, at most `limit` of them. */
export async function listRejections(
  client: Client,
  filter: RejectionFilter,
  { limit, asJson }: { readonly limit: number; readonly asJson: boolean },
): Promise<void> {
  const found: Rejection[] = [];
  for await (const rejection of walk(client, filter)) {
    if (asJson) print(rejection, true);
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
}

/** `pedidos rejections show ID`: all of it, its original body too. */
export async function showRejection(client: Client, rejectionId: number, asJson: boolean): Promise<void> {
  print(await client.read(Rejection, { path: `/v1/rejections/${rejectionId}` }), asJson);
}

/** `pedidos rejections replay ID [--order FILE]`: as it was kept, or with the corrected order of a file. */
export async function closeRejection(
  client: Client,
  action: Action,
  { rejectionId, orderFile }: { readonly rejectionId: number; readonly orderFile?: string | undefined },
): Promise<ExitCode> {
  const order = orderFile === undefined ? {} : { contentType: "application/json", body: readOrderFile(orderFile) };
  await client.fetch({ method: "POST", path: `/v1/rejections/${rejectionId}/${action}`, ...order });
  tell(`Rejection ${rejectionId} is ${past(action)}.`);
  return exitCodes.done;
}

/** `pedidos rejections replay --all --reason …`: every open one that the filter finds; with `dryRun` only counted. */
export async function closeRejections(
  client: Client,
  action: Action,
  { filter, dryRun }: { readonly filter: RejectionFilter; readonly dryRun: boolean },
): Promise<ExitCode> {
  let [done, refused] = [0, 0];
  for await (const { rejectionId } of walk(client, { ...filter, status: "open" })) {
    try {
      if (!dryRun) await client.fetch({ method: "POST", path: `/v1/rejections/${rejectionId}/${action}` });
      done++;
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode !== exitCodes.refused) throw error;
      tell(`Rejection ${rejectionId} stays open. ${error.message}`);
      refused++;
    }
  }
  tell(dryRun ? `${done} would be ${past(action)}.` : `${done} are ${past(action)}, ${refused} stay open.`);
  return refused === 0 ? exitCodes.done : exitCodes.found;
}

async function* walk(client: Client, { reason, status, order }: RejectionFilter): AsyncGenerator<Rejection> {
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
