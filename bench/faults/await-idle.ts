import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { withClient } from "../harness/query.ts";
import type { Tables } from "./history.ts";
import { readPending, readTables } from "./read-tables.ts";
import type { FaultSystem } from "./start-fault-system.ts";
import type { Verdict } from "./verdict.ts";
import { EVENTS_QUEUE } from "./watch-events.ts";

/** A broker's count of a quorum queue's messages is up to five seconds old. */
const COUNTS_ARE_NEW_MS = 6_000;
const QUEUES = ["orders.intake", "orders.dead-letter", "pedidos", EVENTS_QUEUE];

type Place = Pick<FaultSystem, "databaseUrl" | "rabbitmq" | "vhost">;

export type IdleCheck = { readonly verdict: Verdict; readonly tables: Tables; readonly idleAt: number };

/**
 * Waits until nothing is pending, at most until a deadline, and checks what is then kept. A finding before the
 * deadline is checked once more after the broker has counted again: a message that it had not counted may have been in
 * flight.
 */
export async function checkWhenIdle(
  system: Place,
  deadline: number,
  check: (tables: Tables) => Verdict,
): Promise<IdleCheck> {
  const inspect = async () => {
    const left = await withClient(system.databaseUrl, (client) => awaitIdle(system, client, deadline));
    const idleAt = Date.now();
    const tables = await readTables(system.databaseUrl, left);
    return { verdict: check(tables), tables, idleAt };
  };
  const first = await inspect();
  if (first.verdict.findings.length === 0 || Date.now() + COUNTS_ARE_NEW_MS > deadline) return first;
  await wait(COUNTS_ARE_NEW_MS);
  return await inspect();
}

/** → what lies in the queues that should be empty, once nothing is pending in database and queues, or at the deadline */
async function awaitIdle(system: Place, client: pg.Client, deadline: number): Promise<Record<string, number>> {
  const isEmpty = (counts: Record<string, number>) => Object.values(counts).every((count) => count === 0);
  for (;;) {
    const isLate = Date.now() > deadline;
    if (isLate || isEmpty(await readPending(client))) {
      const left = await readQueues(system);
      // Between the two readings a delivery may have moved to the spool.
      if (isLate || isEmpty({ ...left, ...(await readPending(client)) })) return left;
    }
    await wait(250);
  }
}

async function readQueues({ rabbitmq, vhost }: Place): Promise<Record<string, number>> {
  const listed = await rabbitmq.ctl("list_queues", "--silent", ...vhost, "name", "messages");
  const lines = listed.split("\n").map((line) => line.split("\t"));
  return Object.fromEntries(
    lines.flatMap(([name = "", count]) => (QUEUES.includes(name) ? [[`the queue ${name}`, Number(count)]] : [])),
  );
}
