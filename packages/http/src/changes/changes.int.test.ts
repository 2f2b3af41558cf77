import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { apiOnRealParts, orderText, serveRealParts } from "../testing/api-on-real-parts.ts";

let api: Awaited<ReturnType<typeof apiOnRealParts>>;
let other: Awaited<ReturnType<typeof serveRealParts>>;
beforeAll(async () => {
  api = await apiOnRealParts();
  other = await serveRealParts(api.databaseUrl);
});
afterAll(async () => {
  await other.close();
  await api.close();
});

type Event = { readonly id: string; readonly event: string | undefined; readonly data: string | undefined };

const open = (url: string, lastEventId: string | undefined) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    get(url, { headers }, resolve).on("error", reject);
  });

/** Reads a stream of events until `take` says that it is enough, then breaks the connection. */
async function readEvents(url: string, lastEventId: string | undefined, take: (event: Event) => boolean) {
  const stream = await open(url, lastEventId);
  expect([stream.statusCode, stream.headers["content-type"]]).toEqual([200, "text/event-stream"]);
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => block.split("\n").find((line) => line.startsWith(`${name}: `));
      const [id, event, data] = ["id", "event", "data"].map((name) => field(name)?.slice(name.length + 2));
      // A comment is no event.
      if (id !== undefined && take({ id, event, data })) {
        stream.destroy();
        return;
      }
    }
  }
}

const page = async (query: string, url = api.url) =>
  JSON.parse(await (await fetch(`${url}/v1/changes?${query}`)).text());

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** The place from which on everything is new. */
const now = async (): Promise<string> => (await page("cursor=now")).nextCursor;

/** Records an order in a transaction that can't commit before `commit`: it waits for its customer's row. */
async function recordSlowly(orderId: number, customerId: number) {
  await api.record(orderText(orderId - 1, customerId));
  const locked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holding = api.db.transaction().execute(async (tx) => {
    await tx.selectFrom("customers").select("order_count").where("customer_id", "=", customerId).forUpdate().execute();
    locked.resolve();
    await held.promise;
  });
  await Promise.race([locked.promise, holding]);
  const recording = api.record(orderText(orderId, customerId));
  return {
    async commit() {
      held.resolve();
      await Promise.all([holding, recording]);
    },
  };
}

test("10000 orders of concurrent transactions, one of them slow to commit: a client that is cut off ten times gets each", async () => {
  const start = await now();
  const slow = await recordSlowly(99_999, 5);
  await api.record(...range(100).map((n) => orderText(109_900 + n)));
  // A reader now must get the slow one later, though later ones are there.
  const early = await page(`limit=1000&cursor=${start}`, other.url);
  const recording = (async () => {
    let next = 100;
    const worker = async () => {
      while (next < 10_000) {
        const first = next;
        next += 100;
        await api.record(...range(100).map((n) => orderText(99_900 + first + n)));
        if (first === 1_000) await slow.commit();
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  })();

  const seen = new Set<string>(early.changes.map((change: { subject: string }) => change.subject));
  let lastEventId = early.nextCursor;
  for (let connection = 0; connection <= 10; connection++) {
    const url = connection % 2 === 0 ? api.url : other.url;
    let left = connection < 10 ? 300 + connection * 100 : Number.POSITIVE_INFINITY;
    await readEvents(`${url}/v1/events`, lastEventId, ({ id, event, data }) => {
      lastEventId = id;
      if (event === undefined) return false;
      seen.add(JSON.parse(data ?? "").subject);
      return --left === 0 || seen.size === 10_002;
    });
  }
  await recording;
  expect(seen.size).toBe(10_002);
  expect(seen).toContain("orders/99999");

  const paged: string[] = [];
  for (let cursor = start; ; ) {
    const { changes, nextCursor } = await page(`limit=1000&cursor=${cursor}`);
    if (changes.length === 0) break;
    paged.push(...changes.map((change: { subject: string }) => change.subject));
    cursor = nextCursor;
  }
  expect([paged.length, new Set(paged).size]).toEqual([10_002, 10_002]);
}, 120_000);

test("a stream sends its beginning at once, and rejections too; its events are those that RabbitMQ gets", async () => {
  const events: Event[] = [];
  const reading = readEvents(`${api.url}/v1/events`, undefined, (event) => {
    if (events.push(event) === 1) void api.record(orderText(7), "not json");
    return events.length === 3;
  });
  await reading;
  expect(events.map(({ event }) => event)).toEqual([undefined, "order.recorded", "order.rejected"]);
  expect(JSON.parse(events[1]?.data ?? "")).toEqual({
    specversion: "1.0",
    id: "order.recorded:7",
    source: "pedidos",
    type: "order.recorded",
    subject: "orders/7",
    time: expect.any(String),
    datacontenttype: "application/json",
    data: { orderId: 7, customerId: 1, total: "1.00", itemCount: 1, recordedAt: expect.any(String) },
  });
  // The id of the first, which had no event with it, leads to all that came after.
  const { changes } = await page(`cursor=${events[0]?.id}`, other.url);
  expect(changes.map((change: { type: string }) => change.type)).toEqual(["order.recorded", "order.rejected"]);
});

test("pages begin with the first, and an empty one leads on", async () => {
  expect((await page("limit=1")).changes).toHaveLength(1);
  const last = await now();
  expect(await page(`cursor=${last}`)).toEqual({ changes: [], nextCursor: last });
  for (const query of ["cursor=x", "limit=0", "limit=1001"])
    expect((await fetch(`${api.url}/v1/changes?${query}`)).status).toBe(400);
  expect((await fetch(`${api.url}/v1/events?after=x`)).status).toBe(400);
  expect((await fetch(`${api.url}/v1/events`, { method: "HEAD" })).status).toBe(200);
});

test("a stream ends when its server stops", async () => {
  const stopping = await serveRealParts(api.databaseUrl);
  const stream = await open(`${stopping.url}/v1/events`, undefined);
  const ended = new Promise((resolve) => stream.resume().once("end", resolve));
  await stopping.close();
  await ended;
});
