import type amqp from "amqplib";
import { expect, test, vi } from "vitest";
import { some, startRecorder } from "../testing/recorder-on-real-parts.ts";

const eventsOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `order.recorded:${from + index}`);
const until = (check: () => Promise<unknown> | unknown) => vi.waitFor(check, { timeout: 60_000, interval: 50 });

async function start() {
  const warn = vi.fn();
  const { admin, channel } = await startRecorder({ warn });
  const query = async (text: string) => (await admin.query<Record<string, unknown>>(text)).rows;
  return {
    query,
    channel,
    warnings: () => warn.mock.calls.map((call) => JSON.stringify(call)),
    /** Has orders recorded, each in a transaction of its own. */
    async record(from: number, to: number) {
      for (const body of some(to - from + 1, from)) {
        channel.publish("", "orders.intake", Buffer.from(body), { persistent: true, headers: { awaited: true } });
        await channel.waitForConfirms();
      }
      await until(async () => {
        const recorded = await query(`select from orders where order_id between ${from} and ${to}`);
        expect(recorded).toHaveLength(to - from + 1);
      });
    },
    /** Binds a queue to `orders.events` and hears what comes to it: event ids, as often as they come. */
    async listen() {
      const { queue } = await channel.assertQueue("", { exclusive: true });
      await channel.bindQueue(queue, "orders.events", "#");
      return await hear(channel, queue);
    },
  };
}

async function hear(channel: amqp.ConfirmChannel, queue: string): Promise<string[]> {
  const heard: string[] = [];
  const take = (message: amqp.ConsumeMessage | null) => {
    if (message !== null) for (const { id } of JSON.parse(String(message.content))) heard.push(id);
  };
  await channel.consume(queue, take, { noAck: true });
  return heard;
}
const passing = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Most of their time they wait.
test.concurrent("a subscriber's queue that is full repeats nothing without end and delays nobody; once it takes events again it gets all", async () => {
  const { query, channel, record, listen, warnings } = await start();
  const heard = await listen();
  await channel.assertQueue("full", { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
  await channel.bindQueue("full", "orders.events", "#");
  await record(1, 5);
  await until(() => expect(new Set(heard)).toEqual(new Set(eventsOf(1, 5))));
  await passing(12_000);
  await record(6, 6);
  await until(() => expect(heard).toContain("order.recorded:6"));
  for (const event of eventsOf(1, 6)) expect(heard.filter((one) => one === event).length).toBeLessThanOrEqual(4);
  expect(warnings().filter((line) => line.includes("refuse"))).toHaveLength(1);
  const late = await hear(channel, "full");
  await query("update outbox set next_attempt_at = now() where attempts > 0");
  await until(() => expect(new Set(late)).toEqual(new Set(eventsOf(1, 6))));
  await until(async () => expect(await query("select from outbox")).toEqual([]));
}, 180_000);

test.concurrent("rows of the outbox that can't be read stay, are warned of and delay none behind them", async () => {
  const { query, record, listen, warnings } = await start();
  await record(1, 3);
  await until(async () => expect(await query("select from outbox")).toEqual([]));
  const heard = await listen();
  await query(`insert into outbox (created_at, order_ids, rejection_ids)
    select now() - interval '1 min', order_ids, rejection_ids from (values
      ('{1,77}'::bigint[], '{}'::bigint[]), ('{NULL}', '{}'), ('{9223372036854775807}', '{99}'), ('{}', '{}'), ('{2}', '{}')
    ) as t (order_ids, rejection_ids)`);
  await until(() => expect(heard.toSorted()).toEqual(eventsOf(1, 2)));
  await passing(8_000);
  expect(heard.toSorted()).toEqual(eventsOf(1, 2));
  const left = await query("select order_ids::text || rejection_ids::text as ids, attempts from outbox order by ids");
  expect(left.map(({ ids }) => ids)).toEqual(["{77}{}", "{9223372036854775807}{99}", "{NULL}{}"]);
  for (const { attempts } of left) expect(attempts).toBeGreaterThan(0);
  expect(warnings().filter((line) => line.includes("outbox")).length).toBeGreaterThanOrEqual(3);
}, 120_000);
