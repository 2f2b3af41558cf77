import { get, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { StoredRejection } from "@pedidos/persistence";
import { afterEach, expect, test, vi } from "vitest";
import { type Fakes, serveForTest } from "../testing/serve-for-test.ts";

/** Each is a caller of its own. */
const [ATTACKER, HONEST] = ["127.0.0.2", "127.0.0.1"];
const MEBIBYTE = 1024 * 1024;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp(fakes: Fakes = {}) {
  const api = await serveForTest(fakes);
  closing.push(api.close);
  const port = Number(new URL(api.url).port);

  /** Sends bytes from an address, and reads only if it is to. → the status lines that came. */
  function send(localAddress: string, bytes: string, reads = true) {
    const socket: Socket = connect({ port, host: "127.0.0.1", localAddress });
    closing.push(() => socket.destroy());
    const connection = { socket, answer: "", status: 0 };
    socket.on("error", () => {}).write(bytes);
    if (reads)
      socket.setEncoding("latin1").on("data", (text) => {
        connection.answer += text;
        connection.status = Number(connection.answer.slice(9, 12));
      });
    return connection;
  }

  /** → the status of a whole request. */
  const ask = (localAddress: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const type = { "content-type": "application/json" };
      const outgoing = request(`${api.url}${path}`, { localAddress, method, headers: { ...type, ...headers } });
      outgoing
        .on("error", reject)
        .on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode)));
      outgoing.end(body);
    });

  return { ...api, send, ask };
}

const head = (path: string, bytes: number, type = "application/json") =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n`;
const order = (orderId: number, items = 1) =>
  JSON.stringify({
    orderId,
    customerId: 1,
    items: Array(items).fill({ product: "p".repeat(90), quantity: 1, unitPrice: 1 }),
  });
const large = order(1, 850);
const full = "x".repeat(MEBIBYTE);
const unknownKeys = `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":0`).join()}}`;

test("bodies that lack their last byte: their caller is refused what is over its part, others are not", async () => {
  const items = Array(1_000).fill({ product: "p".repeat(900), quantity: 1, unitPrice: "1.00" });
  const order1 = {
    orderId: 1,
    customerId: 1,
    total: "1.00",
    items,
    placedAt: null,
    recordedAt: "2026-01-01T00:00:00Z",
  };
  const { send, ask } = await setUp({ store: { findOrder: async () => order1 } });
  const attacks = Array.from({ length: 100 }, () => send(ATTACKER, head("/v1/orders", MEBIBYTE) + full.slice(1)));
  await vi.waitFor(() => expect(attacks.filter(({ status }) => status === 429).length).toBeGreaterThan(50), 30_000);
  expect(large.length).toBeGreaterThan(110_000);
  expect(await Promise.all([order(1), large].map((body) => ask(HONEST, "/v1/orders", body)))).toEqual([202, 202]);
  // An order that comes in one piece needs no memory of its caller's.
  expect([await ask(ATTACKER, "/v1/orders", order(1)), await ask(ATTACKER, "/v1/orders", full)]).toEqual([202, 429]);
  // Nor is there memory for a large answer.
  expect([await ask(ATTACKER, "/v1/orders/1"), await ask(HONEST, "/v1/orders/1")]).toEqual([429, 200]);
  for (const { socket } of attacks) socket.destroy();
  await vi.waitFor(async () => expect(await ask(ATTACKER, "/v1/orders", full)).toBe(400), 30_000);
  expect(await ask(ATTACKER, "/v1/orders/1")).toBe(200);
});

test("small bodies of which hardly anything arrives count too, in a part that large ones can't take", async () => {
  const { send, ask } = await setUp();
  const attacks = Array.from({ length: 700 }, () => send(ATTACKER, `${head("/v1/orders", 64)}{`));
  await vi.waitFor(() => expect(attacks.filter(({ status }) => status === 429).length).toBeGreaterThan(150), 30_000);
  expect(await Promise.all([order(1), large].map((body) => ask(HONEST, "/v1/orders", body)))).toEqual([202, 202]);
  const slowly = send(HONEST, `${head("/v1/orders", order(1).length)}{`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  slowly.socket.write(order(1).slice(1));
  await vi.waitFor(() => expect(slowly.status).toBe(202), 30_000);
});

test("large bodies are read in turns: an order waits for one body of another caller, not for all of them", async () => {
  const { ask } = await setUp();
  const answered: string[] = [];
  const attacks = Array.from({ length: 20 }, async () => {
    await ask(ATTACKER, "/v1/orders", unknownKeys);
    answered.push("attack");
  });
  await vi.waitFor(() => expect(answered.length).toBeGreaterThan(0), 30_000);
  expect(await ask(HONEST, "/v1/orders", large)).toBe(202);
  answered.push("order");
  await Promise.all(attacks);
  expect(answered.indexOf("order")).toBeLessThan(15);
});

test("an array takes of its caller's memory, not of a number of arrays that all share", async () => {
  const { send, ask } = await setUp();
  const attacks = Array.from({ length: 8 }, () => send(ATTACKER, `${head("/v1/orders/batch", 30 * MEBIBYTE)}[`));
  await vi.waitFor(() => expect(attacks.filter(({ status }) => status === 429)).toHaveLength(7), 30_000);
  expect(await ask(HONEST, "/v1/orders/batch", `[${order(1)}]`)).toBe(200);
});

test("lists of rejections that nobody reads take of their caller's memory, and others read theirs", async () => {
  const body = Buffer.alloc(MEBIBYTE, "x");
  const seen = { firstSeenAt: "2026-01-01T00:00:00Z", lastSeenAt: "2026-01-01T00:00:00Z" };
  const rejection: StoredRejection = {
    ...{ rejectionId: 1, reason: "invalid_json", errors: [], orderId: null, source: "http", status: "open" },
    ...{ ...seen, body, times: 1 },
  };
  let [reading, mostReading] = [0, 0];
  const { send, ask } = await setUp({
    store: {
      async listRejections() {
        mostReading = Math.max(mostReading, ++reading);
        await new Promise((resolve) => setTimeout(resolve, 20));
        reading--;
        return { rejections: Array.from({ length: 8 }, () => rejection), next: null };
      },
    },
  });
  const text = "GET /v1/rejections HTTP/1.1\r\nHost: x\r\n\r\n";
  const unread = Array.from({ length: 20 }, () => send(ATTACKER, text, false));
  await vi.waitFor(async () => expect(await ask(ATTACKER, "/v1/rejections")).toBe(429), 30_000);
  expect(await ask(HONEST, "/v1/rejections")).toBe(200);
  expect(mostReading).toBe(2);
  for (const { socket } of unread) socket.destroy();
  await vi.waitFor(async () => expect(await ask(ATTACKER, "/v1/rejections")).toBe(200), 30_000);
});

/** → the statuses of so many requests of a caller that are not ended. */
async function hold(url: string, count: number, path: string, options: object): Promise<(number | undefined)[]> {
  const answers = Array.from(
    { length: count },
    () =>
      new Promise<IncomingMessage>((resolve) => get(`${url}${path}`, { localAddress: ATTACKER, ...options }, resolve)),
  );
  return (await Promise.all(answers)).map((answer) => {
    closing.push(() => answer.destroy());
    return answer.statusCode;
  });
}

const listed = {
  orderId: 1,
  customerId: 1,
  total: "1.00",
  itemCount: 1,
  placedAt: null,
  recordedAt: "2026-01-01T00:00:00Z",
};
const endless: NonNullable<Fakes["store"]> = {
  readTransactions: async () => ({ before: "2026-01-01T00:00:00Z", open: [] }),
  listChanges: async () => [],
  async *walkOrders() {
    for (;;) {
      yield [listed];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
};

test.each([
  ["/v1/events", 125, "125 streams of events of a caller", {}],
  ["/v1/orders", 16, "16 exports of a caller", { accept: "text/csv" }],
])("%s: a caller has %i at most, and another one is answered meanwhile", async (path, most, told, headers) => {
  const { url } = await setUp({ store: endless });
  expect(new Set(await hold(url, most, path, { headers }))).toEqual(new Set([200]));
  expect(await hold(url, 1, path, { headers })).toEqual([429]);
  const refused = await new Promise<IncomingMessage>((resolve) =>
    get(`${url}${path}`, { localAddress: ATTACKER, headers }, resolve),
  );
  expect([refused.headers["retry-after"], JSON.parse((await refused.toArray()).join(""))]).toMatchObject([
    "2",
    { status: 429, detail: expect.stringContaining(told) },
  ]);
  expect(await hold(url, 1, path, { headers, localAddress: HONEST })).toEqual([200]);
  await closing.pop()?.();
  closing.splice(1, 1)[0]?.();
  await vi.waitFor(async () => expect(await hold(url, 1, path, { headers })).toEqual([200]), 30_000);
});

test("many small batches of one caller are answered at once", async () => {
  const { send, ask } = await setUp();
  const type = "application/x-ndjson";
  const arriving = Array.from({ length: 60 }, () => send(HONEST, `${head("/v1/orders/batch", 1_000, type)}{`));
  expect(await ask(HONEST, "/v1/orders/batch", order(1), { "content-type": type })).toBe(200);
  expect(arriving.filter(({ status }) => status === 429)).toEqual([]);
});

test("reconciliations and batches have places apart, of each caller", async () => {
  const { send, ask } = await setUp();
  const type = "application/x-ndjson";
  const attacks = Array.from({ length: 30 }, () => send(ATTACKER, `${head("/v1/orders/reconcile", 100_000, type)}{`));
  await vi.waitFor(() => expect(attacks.filter(({ status }) => status === 429)).toHaveLength(14), 30_000);
  const headers = { "content-type": type };
  expect(await ask(ATTACKER, "/v1/orders/batch", order(1), headers)).toBe(200);
  expect(await ask(HONEST, "/v1/orders/reconcile", "", headers)).toBe(200);
});

test("comparisons take turns, and those of a client that has gone are not made", async () => {
  const compared: number[] = [];
  const released = Promise.withResolvers<void>();
  const { send, ask } = await setUp({
    store: {
      async compareOrders(sent) {
        compared.push(sent[0]?.customerId ?? 0);
        await released.promise;
        return sent.map(() => ({ kind: "recorded" }));
      },
    },
  });
  const headers = { "content-type": "application/x-ndjson" };
  const of = (customerId: number) => order(1).replace('"customerId":1', `"customerId":${customerId}`);
  const bodies = Array.from({ length: 12 }, (_, index) => of(index + 1));
  const attacks = bodies.map((body) =>
    send(ATTACKER, head("/v1/orders/reconcile", body.length, headers["content-type"]) + body),
  );
  await vi.waitFor(() => expect(compared).toHaveLength(4), 30_000);
  const honest = ask(HONEST, "/v1/orders/reconcile", of(99), headers);
  // All of them have been read, and are queued, once a later request is answered.
  expect(await ask(HONEST, "/health/live")).toBe(200);
  for (const { socket } of attacks.slice(4)) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 200));
  released.resolve();
  expect(await honest).toBe(200);
  expect(compared).toEqual([1, 2, 3, 4, 99]);
});
