import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { Tables } from "./history.ts";
import { readTables, readWaiting } from "./read-tables.ts";
import type { System } from "./start-system.ts";
import type { Verdict } from "./verdict.ts";
import { EVENTS_QUEUE } from "./watch-events.ts";

/** A broker's count of a quorum queue's messages is up to five seconds old. */
const COUNTS_ARE_NEW_MS = 6_000;

type Place = Pick<System, "databaseUrl" | "rabbitmq" | "vhost">;

export type AtRest = { readonly verdict: Verdict; readonly tables: Tables; readonly restAt: number };

/**
 * Waits for rest, at most until a time, and checks what is then kept. What is found before that time is looked at once more
 * after the broker has counted again, if that is in time: a message that it had not counted may have been on its way.
 */
export async function checkAtRest(
  system: Place,
  deadline: number,
  check: (tables: Tables) => Verdict,
): Promise<AtRest> {
  const look = async () => {
    const left = await awaitRest(system, deadline);
    const restAt = Date.now();
    const tables = await readTables(system.databaseUrl, left);
    return { verdict: check(tables), tables, restAt };
  };
  const first = await look();
  if (first.verdict.findings.length === 0 || Date.now() + COUNTS_ARE_NEW_MS > deadline) return first;
  await wait(COUNTS_ARE_NEW_MS);
  return await look();
}

/**
 * Waits until nothing waits any more in the database or in a queue, or until a time.
 *
 * @returns what then lies in the queues that should be empty
 */
async function awaitRest(system: Place, deadline: number): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  const queues = ["orders.intake", "orders.dead-letter", "pedidos", EVENTS_QUEUE];
  try {
    for (;;) {
      const rows = await readWaiting(client);
      const isEmpty = Object.values(rows).every((count) => count === 0);
      const isLate = Date.now() > deadline;
      if (isEmpty || isLate) {
        const left = await readQueues(system, queues);
        // Between the two readings a delivery may have moved to the spool.
        const still = await readWaiting(client);
        if (isLate || Object.values({ ...left, ...still }).every((count) => count === 0)) return left;
      }
      await wait(250);
    }
  } finally {
    await client.end();
  }
}

async function readQueues({ rabbitmq, vhost }: Place, names: readonly string[]): Promise<Record<string, number>> {
  const listed = await rabbitmq.ctl("list_queues", "--silent", ...vhost, "name", "messages");
  const lines = listed.split("\n").map((line) => line.split("\t"));
  return Object.fromEntries(
    lines.flatMap(([name = "", count]) => (names.includes(name) ? [[`the queue ${name}`, Number(count)]] : [])),
  );
}
