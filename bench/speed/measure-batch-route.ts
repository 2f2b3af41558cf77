import { Readable } from "node:stream";
import { request } from "undici";
import { withClient } from "../harness/query.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { sqlFloor } from "./measure-draining.ts";
import { awaitCounted, readCounted } from "./recorded.ts";
import { startFresh } from "./start-fresh.ts";
import { openWriter } from "./write-order.ts";

/** Lines that are written as one piece. */
const LINES_A_PIECE = 200;

/** Orders of one request of the batch route until all of them are recorded, beside bare SQL. */
export const batchRoute: Section = {
  name: "batch",
  async measure(bench) {
    const { form } = bench;
    const system = await startFresh(bench);
    const rounds = await inRounds(bench, "the batch route", async () => ({
      floor: await sqlFloor(bench, form.batch),
      rate: await sendBatch(bench, system.apps.api.port, system.databaseUrl, form.batch),
    }));
    await system.stop();
    return [
      {
        name: "whole path, batch route",
        unit: "orders/s",
        values: rounds.map(({ rate }) => rate),
        baseline: { name: "SQL floor", values: rounds.map(({ floor }) => floor) },
        target: { atLeast: 0.4 },
      },
    ];
  },
};

/** → orders recorded a second, from the first byte of the request until the last of them is committed and counted. */
export async function sendBatch(
  { testbed }: Pick<Bench, "testbed">,
  port: number,
  database: string,
  count: number,
): Promise<number> {
  return await withClient(database, async (client) => {
    const there = await readCounted(client);
    const began = performance.now();
    const firstId = testbed.takeIds(count);
    await postBatch(port, firstId, count);
    const ended = await awaitCounted(client, { count, firstId, before: there });
    return (count * 1_000) / (ended - began);
  });
}

/** @throws unless all of the orders are accepted */
export async function postBatch(port: number, firstId: number, count: number): Promise<void> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/v1/orders/batch`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: Readable.from(pieces(firstId, count)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const answer = await body.text();
  if (statusCode !== 200 || !answer.includes(`"accepted":${count},`))
    throw new Error(`a batch of ${count} orders was answered with ${statusCode} ${answer.slice(0, 200)}`);
}

function* pieces(firstId: number, count: number): Generator<Buffer> {
  const write = openWriter();
  for (let from = 0; from < count; from += LINES_A_PIECE) {
    let text = "";
    for (let id = firstId + from; id < firstId + Math.min(count, from + LINES_A_PIECE); id++) text += `${write(id)}\n`;
    yield Buffer.from(text);
  }
}
