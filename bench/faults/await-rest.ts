import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { readWaiting } from "./read-tables.ts";
import type { System } from "./start-system.ts";

/**
 * Waits until nothing waits any more in the database or in a queue, or until a time.
 *
 * @returns what then lies in the queues that should be empty
 */
export async function awaitRest(
  system: Pick<System, "databaseUrl" | "rabbitmq" | "vhost">,
  moreQueues: readonly string[],
  deadline: number,
): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  const queues = ["orders.intake", "orders.dead-letter", "pedidos", ...moreQueues];
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

async function readQueues(
  { rabbitmq, vhost }: Pick<System, "rabbitmq" | "vhost">,
  names: readonly string[],
): Promise<Record<string, number>> {
  const listed = await rabbitmq.ctl("list_queues", "--silent", ...vhost, "name", "messages");
  const lines = listed.split("\n").map((line) => line.split("\t"));
  return Object.fromEntries(
    lines.flatMap(([name = "", count]) => (names.includes(name) ? [[`the queue ${name}`, Number(count)]] : [])),
  );
}
