import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withClient } from "../harness/query.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { accept } from "./measure-accepting.ts";
import { sendBatch } from "./measure-batch-route.ts";
import { readRecorded } from "./recorded.ts";
import { startFresh } from "./start-fresh.ts";

/** As `pnpm start` runs it. */
const STANDALONE = { name: "standalone", file: join(import.meta.dirname, "../../apps/standalone/src/main.ts") };
const CONNECTIONS = 64;

/** The whole system in one process on a PostgreSQL of its own, beside the same on PostgreSQL and RabbitMQ. */
export const standalone: Section = {
  name: "standalone",
  async measure(bench) {
    const { form } = bench;
    const own = await startStandalone(bench);
    const system = await startFresh(bench);
    try {
      const rounds = await inRounds(bench, "the standalone", async () => ({
        batch: await sendBatch(bench, own.app.port, own.database, form.batch),
        systemBatch: await sendBatch(bench, system.apps.api.port, system.databaseUrl, form.batch),
        posts: await postAndSettle(bench, own.app, own.database),
        systemPosts: await postAndSettle(bench, system.apps.api, system.databaseUrl),
      }));
      const of = (name: keyof (typeof rounds)[number]) => rounds.map((round) => round[name]);
      return [
        {
          name: "standalone, batch route, recorded",
          unit: "orders/s",
          values: of("batch"),
          baseline: { name: "with RabbitMQ", values: of("systemBatch") },
          target: { atLeast: 0.8 },
        },
        {
          name: `standalone, accepted, ${CONNECTIONS} connections`,
          unit: "orders/s",
          values: of("posts"),
          baseline: { name: "with RabbitMQ", values: of("systemPosts") },
          target: { atLeast: 0.8 },
        },
      ];
    } finally {
      await Promise.all([own.remove(), system.stop()]);
    }
  },
};

export async function startStandalone({ testbed }: Pick<Bench, "testbed">) {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-bench-standalone-"));
  const app = await testbed.start(STANDALONE, "", { DATA_DIR: join(folder, "data") });
  return {
    app,
    database: databaseIn(join(folder, "data")),
    folder,
    async remove() {
      await app.terminate();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The database of a standalone, through its socket. */
function databaseIn(dataFolder: string): string {
  const [, , , port, socketFolder = ""] = readFileSync(join(dataFolder, "postgres/postmaster.pid"), "utf8").split("\n");
  return `postgresql://postgres@localhost:${port}/postgres?host=${encodeURIComponent(socketFolder)}`;
}

/** → orders accepted a second, while they are recorded; resolves once all of them are, so that the next round starts level. */
async function postAndSettle(bench: Bench, app: Parameters<typeof accept>[1], database: string): Promise<number> {
  const rate = await accept(bench, app, CONNECTIONS);
  await withClient(database, async (client) => {
    // All that is accepted is in the spool, in a queue, or recorded: idle when two readings agree.
    for (let last = -1, now = await readRecorded(client); now !== last; now = await readRecorded(client)) {
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
  });
  return rate;
}
