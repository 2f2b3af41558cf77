import { createServer } from "node:net";
import type { DeadLetter } from "@pedidos/broker";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deadLetterMessage } from "../publishing/messages.ts";
import { openPublisher } from "../publishing/open-publisher.ts";
import { collectLog } from "../testing/collect-log.ts";
import { ownVirtualHost } from "../testing/own-virtual-host.ts";
import { until } from "../testing/until.ts";
import { revivedMessage } from "./dead-letter.ts";
import { openDeadLetters } from "./open-dead-letters.ts";

const { log } = collectLog();
const { host, stranger } = await ownVirtualHost();
const connection = { url: host.url, name: "test", log };
const publisher = openPublisher(connection);
const letters = openDeadLetters(connection);

beforeAll(() => until(() => publisher.status() === "up", 5_000));
beforeEach(() =>
  stranger.do(async (channel) => {
    for (const queue of ["orders.dead-letter", "orders.intake"]) await channel.purgeQueue(queue);
  }),
);
afterAll(publisher.close);

async function kill(...bodies: (string | Buffer)[]): Promise<void> {
  for (const body of bodies)
    expect(await publisher.publish(deadLetterMessage(Buffer.from(body), "http"))).toBe("confirmed");
}
async function read(count = 200, bytes = 1e9): Promise<{ deadLetters: DeadLetter[]; depth: number }> {
  const found = await letters.read({ count, bytes });
  if (found === "unavailable") throw new Error("the broker is unavailable");
  return found;
}
const bodies = async (count?: number, bytes?: number) =>
  (await read(count, bytes)).deadLetters.map(({ body }) => String(body).slice(0, 3));

test("inspecting changes nothing: all stay, in their order, however many are read and how often", async () => {
  expect(await read()).toEqual({ deadLetters: [], depth: 0 });
  const names = Array.from({ length: 40 }, (_, i) => String(i + 100));
  await kill(...names);
  const first = await read();
  expect(await bodies()).toEqual(names);
  for (const count of [1, 7, 12, 40, 3]) expect(await bodies(count)).toEqual(names.slice(0, count));
  expect(await bodies()).toEqual(names);
  const again = await read();
  expect(again).toEqual(first);
  expect([again.depth, new Set(again.deadLetters.map((one) => one.deadLetterId)).size]).toEqual([40, 40]);
});

test("bytes are bounded, but for the first", async () => {
  await kill("aaa".repeat(1_000), "bbb", "ccc".repeat(1_000), "ddd");
  expect(await bodies(200, 10)).toEqual(["aaa"]);
  expect(await bodies(200, 3_003)).toEqual(["aaa", "bbb"]);
  expect(await bodies(200, 6_006)).toEqual(["aaa", "bbb", "ccc", "ddd"]);
});

test("it is reported where one came from, why and when: of the consumer's, the broker's and a stranger's", async () => {
  await kill(Buffer.alloc(1024 * 1024 + 1, "x"));
  await stranger.do(async (channel) => {
    channel.publish("", "orders.intake", Buffer.from("rejected"), { contentType: "application/x-ndjson" });
  });
  await stranger.do(async (channel) => {
    const message = await channel.get("orders.intake");
    if (message) channel.nack(message, false, false);
  });
  await until(async () => (await read()).depth === 2, 5_000);
  await stranger.do(async (channel) => void channel.publish("orders.dead", "elsewhere", Buffer.from("strange")));
  const [large, rejected, strange] = (await read()).deadLetters;
  expect(large).toMatchObject({ queue: "orders.intake", reason: "too_large", source: "http" });
  expect(rejected).toMatchObject({ queue: "orders.intake", reason: "rejected", contentType: "application/x-ndjson" });
  expect(strange).toMatchObject({ queue: null, reason: "unknown", diedAt: null });
  for (const one of [large, rejected]) expect(Math.abs(Date.now() - Number(one?.diedAt))).toBeLessThan(60_000);
  expect(rejected && revivedMessage(rejected)).toMatchObject({
    routingKey: "orders.intake",
    contentType: "application/x-ndjson",
  });
});

test("one is taken away, once it is settled; the others stay in their order", async () => {
  await kill("111", "222", "333", "444");
  const id = (await read()).deadLetters[1]?.deadLetterId ?? "";
  expect(await letters.take("0".repeat(32), async () => true)).toBe("not_found");
  expect(await letters.take(id, async () => false)).toBe("kept");
  expect(await letters.take(id, () => Promise.reject(new Error("no")))).toBe("unavailable");
  expect(await bodies()).toEqual(["111", "222", "333", "444"]);
  expect(await letters.take(id, async ({ body }) => String(body) === "222")).toBe("taken");
  expect(await letters.take(id, async () => true)).toBe("not_found");
  expect(await bodies()).toEqual(["111", "333", "444"]);
});

test("a large one has the time that it needs to go back over a slow line", async () => {
  await kill(Buffer.alloc(2 * 1024 * 1024, "x"));
  const id = (await read()).deadLetters[0]?.deadLetterId ?? "";
  const slowly = () => new Promise<boolean>((resolve) => setTimeout(resolve, 9_000, true));
  expect(await letters.take(id, slowly)).toBe("taken");
  expect((await read()).depth).toBe(0);
});

test("a broker that is away or silent is unavailable, in bounded time", async () => {
  const sockets: { destroy(): void }[] = [];
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const address = silent.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `amqp://guest:guest@127.0.0.1:${address.port}`;
  const options = { url, name: "test", log };
  expect(await openDeadLetters(options).read({ count: 1, bytes: 1 })).toBe("unavailable");
  expect(sockets).toHaveLength(1);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
  expect(await openDeadLetters(options).take("x", async () => true)).toBe("unavailable");
}, 60_000);
