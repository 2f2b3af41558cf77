import { connect } from "amqplib";
import { withClient } from "../harness/query.ts";
import { bareTables } from "./baselines/bare-tables.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { type Figure, median } from "./figures.ts";
import { postTo, sendLoad } from "./send-load.ts";
import { startFresh } from "./start-fresh.ts";
import { ITEMS_OF, openWriter } from "./write-order.ts";

const QUEUE = "bench.bare";

/** How long one order takes until it is recorded, beside one confirmed publish and one commit of a row, both bare. */
export const waiting: Section = {
  name: "waiting",
  async measure(bench) {
    const { testbed, form } = bench;
    const system = await startFresh(bench);
    const figures: Figure[] = [];
    for (const [size, itemCount] of Object.entries(ITEMS_OF)) {
      const rounds = await inRounds(bench, `Prefer: wait, ${size}`, async () => {
        const bare = await measureBare(bench, itemCount);
        const { latencies } = await sendLoad({
          ...postTo(system.apps.api.port, testbed.takeIds(10_000)),
          kind: "in a row",
          itemCount,
          headers: { prefer: "wait=10" },
          requests: form.waits,
          warmUpRequests: 20,
        });
        return { bare, waited: median(latencies) };
      });
      figures.push({
        name: `Prefer: wait, one in flight, ${size}, p50`,
        unit: "ms",
        values: rounds.map(({ waited }) => waited),
        baseline: { name: "confirm + commit", values: rounds.map(({ bare }) => bare) },
        target: { atMost: 2.5 },
      });
    }
    await system.stop();
    return figures;
  },
};

/** → the medians of a confirmed publish and of a single-row commit, added. */
async function measureBare({ testbed, broker, form }: Bench, itemCount: number): Promise<number> {
  const write = openWriter(itemCount);
  const firstId = testbed.takeIds(10_000);
  const model = await connect(testbed.rabbitmq.url, { noDelay: true });
  const channel = await model.createConfirmChannel();
  await broker.declare(QUEUE);
  const publishing: number[] = [];
  for (let number = 0; number < form.waits; number++) {
    const began = performance.now();
    await new Promise<void>((resolve, reject) =>
      channel.publish("", QUEUE, Buffer.from(write(firstId + number)), { persistent: true }, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    publishing.push(performance.now() - began);
  }
  await model.close();
  await broker.purge(QUEUE);
  const database = await testbed.freshDatabase();
  const committing = await withClient(database, async (client) => {
    await client.query(`${bareTables("bare")} alter table bare_orders add column items json`);
    const took: number[] = [];
    for (let number = 0; number < form.waits; number++) {
      const began = performance.now();
      await client.query({
        name: "bare",
        text: "insert into bare_orders values ($1, 1, 1, now(), $2)",
        values: [firstId + number, write(firstId + number)],
      });
      took.push(performance.now() - began);
    }
    return took;
  });
  return median(publishing) + median(committing);
}
