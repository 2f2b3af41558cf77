import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { gzipSync } from "node:zlib";
import type { Acceptance } from "@pedidos/intake";
import { afterAll, describe, expect, test, vi } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closing.map((close) => close()))));

async function setUp(accept: (count: number) => Promise<Acceptance> = async () => "accepted") {
  const messages: number[] = [];
  const ids: number[] = [];
  const api = await serveForTest({
    accept(bodies) {
      messages.push(bodies.length);
      for (const body of bodies) ids.push(JSON.parse(Buffer.from(body).toString()).orderId);
      return accept(bodies.length);
    },
  });
  closing.push(api.close);
  const post = async (body: string | Buffer, type = "application/x-ndjson") => {
    const headers = { "content-type": type };
    const reply = await fetch(`${api.url}/v1/orders/batch`, {
      method: "POST",
      body: new Uint8Array(Buffer.from(body)),
      headers,
    });
    const value: unknown = await reply.json();
    return { status: reply.status, value };
  };
  return { ...api, post, messages, ids };
}

const line = (orderId: number) =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":0.1}]}`;
const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index + 1));

test("good lines go in messages of at most 64, bad ones are reported by number", async () => {
  const { post, messages, ids } = await setUp();
  const body = [
    "",
    '{"orderId":9,',
    ...lines(130),
    '{"orderId":7}',
    "",
    `{"pad":"${"x".repeat(1_048_576)}"}`,
    line(500),
  ].join("\r\n");
  expect(await post(body)).toEqual({
    status: 200,
    value: {
      accepted: 131,
      rejected: 3,
      errors: [
        { line: 2, orderId: 9, errors: [{ pointer: "", detail: expect.any(String) }] },
        { line: 133, orderId: 7, errors: [expect.any(Object), expect.any(Object)] },
        { line: 135, errors: [{ pointer: "", detail: expect.any(String) }] },
      ],
    },
  });
  expect(messages).toEqual([64, 64, 3]);
  expect(ids).toEqual([...Array.from({ length: 130 }, (_, index) => index + 1), 500]);
});

test("a message holds at most 256 KiB, unless one order alone is larger", async () => {
  const { post, messages } = await setUp();
  const large = (orderId: number, items: number) =>
    `{"orderId":${orderId},"customerId":1,"items":[${Array(items)
      .fill(`{"product":"${"\u{1F600}".repeat(200)}","quantity":1,"unitPrice":1}`)
      .join(",")}]}`;
  const body = [line(1), large(2, 1_000), large(3, 1_000), line(4), large(5, 200), large(6, 200), large(7, 100)].join(
    "\n",
  );
  expect(await post(body)).toEqual({ status: 200, value: { accepted: 7, rejected: 0, errors: [] } });
  expect(messages).toEqual([1, 1, 1, 2, 2]);
});

test("at most 1000 lines and 1 MiB are listed, all are counted", async () => {
  const { post } = await setUp();
  const short = await post(Array(1_500).fill("{}").join("\n"));
  expect(short).toMatchObject({ status: 200, value: { accepted: 0, rejected: 1_500, errors: { length: 1_000 } } });
  const faulty = `{"orderId":1,"customerId":1,"items":[${Array(100).fill("{}").join(",")}]}`;
  const long = await post(Array(900).fill(faulty).join("\n"));
  expect(long).toMatchObject({ status: 200, value: { rejected: 900 } });
  expect(JSON.stringify(long.value).length).toBeLessThan(1_048_576 + 200);
});

test("a JSON array: elements are counted from 1; nothing is taken of what is no array, or too much of one", async () => {
  const { post, ids } = await setUp();
  const json = "application/json";
  expect(await post(` [ ${line(1)} , null,\n${line(2)},{"orderId":3}] `, json)).toMatchObject({
    status: 200,
    value: { accepted: 2, rejected: 2, errors: [{ line: 2 }, { line: 4, orderId: 3 }] },
  });
  expect(await post("[]", json)).toEqual({ status: 200, value: { accepted: 0, rejected: 0, errors: [] } });
  expect(ids.splice(0)).toEqual([1, 2]);
  for (const body of [
    "",
    "{}",
    line(1),
    `[${line(1)}`,
    `[${line(1)},]`,
    `[${line(1)},tru]`,
    `[${line(1)}]]`,
    `[${line(1)} ${line(2)}]`,
    Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]),
  ])
    expect(await post(body, json)).toMatchObject({ status: 400, value: { status: 400 } });
  expect(await post(`[${lines(10_001).join(",")}]`, json)).toMatchObject({ status: 413 });
  expect(await post(`[${" ".repeat(33_554_431)}]`, json)).toMatchObject({ status: 413 });
  expect(ids).toEqual([]);
  expect(await post(`[${lines(10_000).join(",")}]`, json)).toMatchObject({ status: 200, value: { accepted: 10_000 } });
});

test("an element over 1 MiB is an error of that element, and not looked into", async () => {
  const { post, ids } = await setUp();
  for (const long of [`{"pad":"${"x".repeat(1_048_576)}"}`, `[${"1 ".repeat(600_000)}]`]) {
    expect(await post(`[${line(1)},${long},${line(2)}]`, "application/json")).toEqual({
      status: 200,
      value: { accepted: 2, rejected: 1, errors: [{ line: 2, errors: [{ pointer: "", detail: expect.any(String) }] }] },
    });
  }
  expect(ids).toEqual([1, 2, 1, 2]);
});

test("503 with what was done so far when nothing durable can be reached midway; reading stops", async () => {
  let left = 3;
  const { post, messages } = await setUp(async () => (left-- > 0 ? "accepted" : "unavailable"));
  const reply = await post(["bad", ...lines(20_000)].join("\n"));
  expect(reply).toMatchObject({
    status: 503,
    value: { status: 503, type: "urn:pedidos:problem:unavailable", accepted: 192, rejected: 1, errors: [{ line: 1 }] },
  });
  expect(messages.length).toBeLessThan(20);
});

test.concurrent("at most four messages of a batch are in flight: the others stay at the client", async () => {
  let waiting: (() => void)[] = [];
  const { url, messages } = await setUp(() => new Promise((resolve) => waiting.push(() => resolve("accepted"))));
  const text = `${lines(1_000).join("\n")}\n`;
  let [sent, most] = [0, 300];
  const outgoing = request(`${url}/v1/orders/batch`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
  });
  const answered = new Promise<string>((resolve, reject) => {
    outgoing.on("error", reject).on("response", (incoming) => {
      let answer = "";
      incoming.setEncoding("utf8").on("data", (chunk) => {
        answer += chunk;
      });
      incoming.on("end", () => resolve(answer));
    });
  });
  const feed = () => {
    if (sent === most) return void outgoing.end();
    sent++;
    if (outgoing.write(text)) feed();
    else outgoing.once("drain", feed);
  };
  feed();
  await vi.waitFor(() => expect(messages.length).toBe(4), 20_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(messages.length).toBe(4);
  const before = sent;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(sent).toBe(before);
  expect(sent).toBeLessThan(250);
  most = sent;
  const pump = setInterval(() => {
    for (const resolve of waiting.splice(0)) resolve();
  }, 1);
  expect(JSON.parse(await answered)).toMatchObject({ accepted: sent * 1_000, rejected: 0 });
  clearInterval(pump);
  waiting = [];
});

test.concurrent("on shutdown a batch is answered 503 with its counts so far, and the connection closes", async () => {
  const { url, close, messages } = await setUp();
  const outgoing = request(`${url}/v1/orders/batch`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
  });
  const answered = new Promise<{ status: number | undefined; connection: string | undefined; text: string }>(
    (resolve, reject) => {
      outgoing.on("error", reject).on("response", (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode, connection: incoming.headers.connection, text }),
        );
      });
    },
  );
  outgoing.write(`${lines(100).join("\n")}\nbad\n`);
  await vi.waitFor(() => expect(messages).toEqual([64]), 20_000);
  const start = performance.now();
  const closed = close();
  const { status, connection, text } = await answered;
  expect([status, connection]).toEqual([503, "close"]);
  expect(JSON.parse(text)).toMatchObject({ accepted: 100, rejected: 1, errors: [{ line: 101 }] });
  outgoing.end();
  await closed;
  expect(performance.now() - start).toBeLessThan(5_000);
});

describe("Content-Encoding", () => {
  const send = async (body: Buffer, encoding: string, type = "application/x-ndjson") => {
    const { url, ids } = await setUp();
    const headers = { "content-type": type, "content-encoding": encoding };
    const reply = await fetch(`${url}/v1/orders/batch`, { method: "POST", body: new Uint8Array(body), headers });
    return { status: reply.status, headers: reply.headers, answer: await reply.json(), ids };
  };

  test.each(["gzip", "GZIP", "x-gzip"])("%s is taken, of lines and of an array", async (encoding) => {
    const sent = await send(gzipSync(lines(100).join("\n")), encoding);
    expect(sent).toMatchObject({ status: 200, answer: { accepted: 100, rejected: 0 } });
    expect(sent.ids).toHaveLength(100);
    const array = await send(gzipSync(`[${lines(3)}]`), encoding, "application/json");
    expect(array).toMatchObject({ status: 200, answer: { accepted: 3 }, ids: [1, 2, 3] });
  });

  test.each(["br", "deflate", "gzip, gzip", "zstd"])("%s is refused, with what is taken", async (encoding) => {
    const { status, headers } = await send(gzipSync(line(1)), encoding);
    expect([status, headers.get("accept-encoding")]).toEqual([415, "gzip"]);
  });

  test("what is damaged is refused, with the counts of what came before", async () => {
    const whole = gzipSync(lines(1_000).join("\n"));
    for (const type of ["application/x-ndjson", "application/json"])
      expect(await send(Buffer.from(line(1)), "gzip", type)).toMatchObject({ status: 400, answer: { accepted: 0 } });
    const cut = await send(whole.subarray(0, -10), "gzip");
    expect(cut).toMatchObject({ status: 400, answer: { type: "urn:pedidos:problem:damaged_body" } });
    expect(cut.answer).toHaveProperty("accepted", cut.ids.length);
    expect(cut.ids.length).toBeGreaterThan(900);
  });

  test("what inflates beyond bounds is refused: a line, an array, a whole", async () => {
    const long = await send(
      gzipSync(Buffer.concat([Buffer.alloc(1_100_000, "x"), Buffer.from(`\n${line(1)}`)])),
      "gzip",
    );
    expect(long).toMatchObject({ status: 200, answer: { accepted: 1, rejected: 1 } });
    const array = Buffer.from(
      `[${Array.from({ length: 5 }, () => JSON.stringify(randomBytes(4_000_000).toString("hex")))}]`,
    );
    expect(await send(gzipSync(array), "gzip", "application/json")).toMatchObject({ status: 413 });
    const bomb = await send(gzipSync(Buffer.alloc(64 * 1024 * 1024, "\n")), "gzip");
    expect(bomb).toMatchObject({ status: 413, answer: { accepted: 0, detail: expect.stringContaining("100 times") } });
  });
});
