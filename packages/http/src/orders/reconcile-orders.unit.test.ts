import { request } from "node:http";
import type { Comparison, Identity } from "@pedidos/persistence";
import { afterAll, expect, test, vi } from "vitest";
import { StoreUnavailable } from "../open-store.ts";
import { serveForTest } from "../testing/serve-for-test.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closing.map((close) => close()))));

/** `compareOne` decides what is recorded; `sizes` has how many were queried at once. */
async function setUp(compareOne: (orderId: number) => Comparison | Promise<Comparison>) {
  const sizes: number[] = [];
  const api = await serveForTest({
    store: {
      compareOrders(sent: readonly Identity[]) {
        sizes.push(sent.length);
        return Promise.all(sent.map(({ orderId }) => compareOne(orderId)));
      },
    },
  });
  closing.push(api.close);
  const post = async (body: string, type = "application/x-ndjson") => {
    const headers = { "content-type": type };
    const reply = await fetch(`${api.url}/v1/orders/reconcile`, { method: "POST", body, headers });
    const text = await reply.text();
    return {
      status: reply.status,
      type: reply.headers.get("content-type"),
      lines: text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    };
  };
  return { ...api, post, sizes };
}

const line = (orderId: number) =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":0.1}]}`;
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const lines = (count: number) => range(count).map(line).join("\n");
const recorded = (): Comparison => ({ kind: "recorded" });

test("a line for each that is not recorded as sent, in order, and the counts at the end", async () => {
  const { post } = await setUp((orderId) => {
    if (orderId === 2) return { kind: "missing" };
    if (orderId === 3) return { kind: "different" };
    return orderId === 4 ? { kind: "rejected", rejectionId: 9, reason: "poison" } : { kind: "recorded" };
  });
  const body = [line(1), line(2), "", "not json", '{"orderId":7}', line(3), "x".repeat(1_048_577), line(4)].join(
    "\r\n",
  );
  expect(await post(body)).toEqual({
    status: 200,
    type: "application/x-ndjson",
    lines: [
      { line: 2, orderId: 2, verdict: "missing" },
      { line: 4, verdict: "invalid", errors: [{ pointer: "", detail: expect.any(String) }] },
      { line: 5, orderId: 7, verdict: "invalid", errors: [expect.any(Object), expect.any(Object)] },
      { line: 6, orderId: 3, verdict: "different" },
      { line: 7, verdict: "invalid", errors: [{ pointer: "", detail: expect.any(String) }] },
      { line: 8, orderId: 4, verdict: "rejected", rejectionId: 9, reason: "poison" },
      { lines: 7, recorded: 1, missing: 1, different: 1, rejected: 1, invalid: 3 },
    ],
  });
  const array = await post(`[${line(2)},null,${line(1)}]`, "application/json");
  expect(array.lines).toMatchObject([{ line: 1 }, { line: 2, verdict: "invalid" }, { lines: 3, recorded: 1 }]);
  expect((await post("")).lines).toEqual([
    { lines: 0, recorded: 0, missing: 0, different: 0, rejected: 0, invalid: 0 },
  ]);
});

test("500 are queried at once, and the order of the lines holds for any order of the answers", async () => {
  let calls = 0;
  const { post, sizes } = await setUp(async () => {
    // The first part's answers come last.
    for (let turns = calls++ < 500 ? 50 : 0; turns > 0; turns--) await new Promise(setImmediate);
    return { kind: "missing" };
  });
  const { lines: told } = await post(lines(1_750));
  expect(sizes).toEqual([500, 500, 500, 250]);
  expect(told.slice(0, -1).map((one) => one.line)).toEqual(range(1_750));
  expect(told.at(-1)).toMatchObject({ lines: 1_750, missing: 1_750 });
});

test("a database that is away is a 503 at the start, and the last line, without counts, later", async () => {
  const away = () => Promise.reject(new StoreUnavailable(new Error("away")));
  const start = await setUp(away);
  expect(await start.post(line(1))).toMatchObject({ status: 503, lines: [{ status: 503 }] });
  const later = await setUp((orderId) => (orderId > 600 ? away() : { kind: "missing" }));
  const { status, lines: told } = await later.post(lines(3_000));
  expect([status, told.length]).toEqual([200, 501]);
  expect(told.at(-1)).toMatchObject({ type: "urn:pedidos:problem:unavailable", status: 503 });
  expect(told.at(-1)).not.toHaveProperty("recorded");
});

test("another form, or no whole array, is refused", async () => {
  const { post } = await setUp(recorded);
  expect(await post(line(1), "text/csv")).toMatchObject({ status: 415, lines: [{ status: 415 }] });
  expect(await post(line(1), "application/json")).toMatchObject({ status: 400, lines: [{ status: 400 }] });
});

/** Sends lines for ever, as fast as they are taken. */
function sendForEver(url: string) {
  let sent = 0;
  const text = `${lines(1_000)}\n`;
  const outgoing = request(`${url}/v1/orders/reconcile`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
  });
  outgoing.on("error", () => {});
  const feed = () => {
    for (sent++; outgoing.write(text); sent++);
    outgoing.once("drain", feed);
  };
  feed();
  return { outgoing, sent: () => sent };
}

/** What a count stands at once it has stood still for a while. */
async function settled(count: () => number): Promise<number> {
  for (let before = -1; ; ) {
    if (before === count()) return before;
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

test("the sender is delayed while the database is queried: two parts are buffered, no more", async () => {
  const answer = Promise.withResolvers<Comparison>();
  const { url, sizes } = await setUp(() => answer.promise);
  const sending = sendForEver(url);
  await vi.waitFor(() => expect(sizes.length).toBe(2), 20_000);
  expect(await settled(sending.sent)).toBeLessThan(250);
  expect(sizes.length).toBe(2);
  sending.outgoing.destroy();
  answer.resolve({ kind: "recorded" });
});

test("the sender is delayed while nobody reads the answer, and goes on when somebody does", async () => {
  const { url, sizes } = await setUp(() => ({ kind: "missing" }));
  const sending = sendForEver(url);
  const answered = new Promise<import("node:http").IncomingMessage>((resolve) =>
    sending.outgoing.on("response", resolve),
  );
  const answer = await answered;
  const before = await settled(() => sizes.length);
  answer.resume();
  await vi.waitFor(() => expect(sizes.length).toBeGreaterThan(before + 100), 30_000);
  sending.outgoing.destroy();
});

test("on shutdown the last line says so", async () => {
  const { url, close } = await setUp(() => ({ kind: "missing" }));
  const outgoing = request(`${url}/v1/orders/reconcile`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
  });
  const answered = new Promise<string>((resolve, reject) => {
    outgoing.on("error", reject).on("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        if (closed === undefined) closed = close();
      });
      incoming.on("end", () => resolve(text));
    });
  });
  let closed: Promise<void> | undefined;
  outgoing.write(`${lines(1_600)}\n`);
  const told = (await answered).trimEnd().split("\n");
  expect(JSON.parse(told.at(-1) ?? "")).toMatchObject({ status: 503, type: "urn:pedidos:problem:unavailable" });
  outgoing.end();
  await closed;
});
