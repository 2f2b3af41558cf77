import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { connect } from "amqplib";
import { request } from "undici";
import { query } from "../harness/query.ts";
import type { App } from "../harness/start-app.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { startStandalone } from "./measure-standalone.ts";

const POLL_MS = 3;
const LIMIT_MS = 30_000;

/** How long a process takes until it is ready, beside a Node that does nothing and bare connecting. */
export const starting: Section = {
  name: "starting",
  async measure(bench) {
    const { testbed } = bench;
    const database = await testbed.freshDatabase();
    const [api, consumer] = [await testbed.prepare("api", database), await testbed.prepare("consumer", database)];
    const own = await startStandalone(bench);
    try {
      await startOnce(api);
      await startOnce(consumer);
      const rounds = await inRounds(bench, "starting", async () => ({
        bare: await measureBareStart(bench, database),
        api: await startOnce(api),
        consumer: await startOnce(consumer),
        standalone: await startOnce(own.app),
      }));
      const of = (name: keyof (typeof rounds)[number]) => rounds.map((round) => round[name]);
      const baseline = { name: "node -e 0 + connecting", values: of("bare") };
      return [
        { name: "API ready", unit: "ms", values: of("api"), baseline, target: { atMost: 2 } },
        { name: "consumer ready", unit: "ms", values: of("consumer"), baseline, target: { atMost: 2 } },
        { name: "standalone ready, later starts", unit: "ms", values: of("standalone"), target: { atMost: 2_000 } },
      ];
    } finally {
      await own.remove();
    }
  },
};

/** → milliseconds from its start until it says that it is ready. */
async function startOnce(app: App): Promise<number> {
  await app.terminate();
  const began = performance.now();
  await app.start();
  while (performance.now() - began < LIMIT_MS) {
    const answer = await request(`http://127.0.0.1:${app.port}/health/ready`).catch(() => undefined);
    const body = await answer?.body.text();
    if (answer?.statusCode === 200 && body?.includes('"ready"') === true) {
      const took = performance.now() - began;
      await app.terminate();
      return took;
    }
    await wait(POLL_MS);
  }
  throw new Error(`${app.name} is not ready after ${LIMIT_MS} ms`);
}

/** A Node that does nothing, and then a connection to each server, one after the other. */
async function measureBareStart({ testbed }: Bench, database: string): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  await query(database, "select 1");
  const connection = await connect(testbed.rabbitmq.url, { noDelay: true });
  const took = performance.now() - began;
  await connection.close();
  return took;
}
