import { afterAll, expect, test, vi } from "vitest";
import { type Fakes, serveForTest } from "../testing/serve-for-test.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closing.map((close) => close()))));

async function setUp(fakes: Fakes = {}) {
  const bodies: string[] = [];
  const accept: NonNullable<Fakes["accept"]> =
    fakes.accept ??
    (async (sent) => {
      bodies.push(...sent.map((body) => Buffer.from(body).toString()));
      return "accepted";
    });
  const api = await serveForTest({ ...fakes, accept });
  closing.push(api.close);
  const post = (body: string | Uint8Array, headers: Record<string, string> = {}, path = "/v1/orders") =>
    fetch(api.url + path, {
      method: "POST",
      body: typeof body === "string" ? body : new Uint8Array(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return { ...api, post, bodies };
}

const order = (items = '[{"product":"lápis","quantity":100,"unitPrice":1.10}]') =>
  `{"orderId":1001,"customerId":1,"items":${items}}`;

test("202 once it is durable; what travels is canonical", async () => {
  const { post, bodies } = await setUp();
  const reply = await post(` ${order()} \n`);
  expect([reply.status, await reply.json()]).toEqual([
    202,
    { orderId: 1001, customerId: 1, total: "110.00", status: "accepted" },
  ]);
  expect(reply.headers.get("location")).toBe("/v1/orders/1001");
  expect(bodies).toEqual([
    '{"orderId":1001,"customerId":1,"items":[{"product":"lápis","quantity":100,"unitPrice":"1.10"}]}',
  ]);
});

test("Prefer: wait: 201 when recorded with the recorded total, 409 for a conflict, 202 when time is up", async () => {
  let outcome: "recorded" | "conflict" | "pending" = "recorded";
  const find: NonNullable<Fakes["find"]> = async (asked) => asked.map(() => ({ kind: outcome, total: "109.99" }));
  const { post } = await setUp({ find });
  const recorded = await post(order(), { prefer: "wait=5" });
  expect([recorded.status, await recorded.json()]).toEqual([
    201,
    { orderId: 1001, customerId: 1, total: "109.99", status: "recorded" },
  ]);
  expect(recorded.headers.get("preference-applied")).toBe("wait=5");
  outcome = "conflict";
  const conflict = await post(order(), { prefer: "wait=5" });
  expect([conflict.status, conflict.headers.get("content-type"), await conflict.json()]).toEqual([
    409,
    "application/problem+json; charset=utf-8",
    {
      type: "urn:pedidos:problem:order_conflict",
      title: expect.any(String),
      status: 409,
      detail: expect.any(String),
      orderId: 1001,
    },
  ]);
  outcome = "pending";
  const start = performance.now();
  expect((await post(order(), { prefer: "wait=1" })).status).toBe(202);
  expect(performance.now() - start).toBeGreaterThan(990);
});

test("503 with Retry-After when nothing durable can be reached, and nobody waits then", async () => {
  const { post } = await setUp({ accept: async () => "unavailable" });
  const reply = await post(order(), { prefer: "wait=30" });
  expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await reply.json()).toMatchObject({ status: 503, type: "urn:pedidos:problem:unavailable" });
  const old = await post(order().replaceAll("order", "x"), {}, "/pedido");
  expect(old.status).toBe(400);
});

test("400 with every fault, and for what is no JSON", async () => {
  const { post, bodies } = await setUp();
  const reply = await post('{"orderId":0,"x":1}');
  expect(reply.status).toBe(400);
  const pointers = ["/orderId", "/customerId", "/items", "/x"];
  expect(await reply.json()).toMatchObject({ errors: pointers.map((pointer) => ({ pointer })) });
  for (const body of ["", "not json", "[]", Buffer.from([0xff, 0xfe]), "\ufeff{}"])
    expect((await post(body)).status).toBe(400);
  expect(bodies).toEqual([]);
});

test("415 for a body that is not JSON, or is compressed; parameters and case do not matter", async () => {
  const { post } = await setUp();
  for (const type of [
    "text/plain",
    "application/jsonx",
    "application/x-ndjson",
    "nonsense",
    "application/json, text/plain",
  ])
    expect([type, (await post(order(), { "content-type": type })).status]).toEqual([type, 415]);
  expect((await post(order(), { "content-encoding": "gzip" })).status).toBe(415);
  for (const type of ["application/json; charset=utf-8", "Application/JSON"])
    expect((await post(order(), { "content-type": type })).status).toBe(202);
});

test("1 MiB is taken, one byte more is not; six such bodies at once are read one by one", async () => {
  const { post, bodies } = await setUp();
  const pad = (size: number) => order() + " ".repeat(size - Buffer.byteLength(order()));
  const replies = await Promise.all(Array.from({ length: 6 }, () => post(pad(1_048_576))));
  expect(replies.map((reply) => reply.status)).toEqual(Array(6).fill(202));
  expect(new Set(bodies).size).toBe(1);
  expect((await post(pad(1_048_577))).status).toBe(413);
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(pad(1_048_577)));
      controller.close();
    },
  });
  expect((await post(order())).status).toBe(202);
  const chunked = await fetch(`${(await setUp()).url}/v1/orders`, {
    method: "POST",
    body: stream,
    headers: { "content-type": "application/json" },
    duplex: "half",
  } as RequestInit);
  expect(chunked.status).toBe(413);
});

test("an order whose canonical form is over 1 MiB travels as it was sent", async () => {
  const { post, bodies } = await setUp();
  const item = JSON.stringify({ product: "\u0001".repeat(171), quantity: 1, unitPrice: 1 });
  const body = order(`[${Array(1_000).fill(item).join(",\n")}]`);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1_048_576 + 30_000);
  const fitting = order(`[${Array(975).fill(item).join(",\n")}]`);
  expect(Buffer.byteLength(fitting)).toBeLessThanOrEqual(1_048_576);
  expect((await post(fitting)).status).toBe(202);
  expect(Buffer.byteLength(bodies[0] ?? "")).toBeLessThanOrEqual(1_048_576);
});

test("on shutdown a waiting request is answered 202 at once, and the connection is closed", async () => {
  const { post, close, bodies } = await setUp();
  const start = performance.now();
  const waiting = Promise.all([post(order(), { prefer: "wait=30" }), post(pedido, {}, "/pedido")]);
  await vi.waitFor(() => expect(bodies).toHaveLength(2), 20_000);
  const closed = close();
  const [reply, old] = await waiting;
  expect([reply.status, reply.headers.get("connection")]).toEqual([202, "close"]);
  expect([old.status, await old.json()]).toEqual([202, { msg: "Pedido aceito" }]);
  await closed;
  expect(performance.now() - start).toBeLessThan(8_000);
});

const pedido =
  '{"codigoPedido":5,"codigoCliente":1,"itens":[{"produto":"a","quantidade":3,"preco":0.30000000000000004}],"x":1}';

test("POST /pedido speaks the replaced system's words", async () => {
  let outcome: "recorded" | "conflict" = "recorded";
  const { post, bodies } = await setUp({ find: async (asked) => asked.map(() => ({ kind: outcome, total: "0.90" })) });
  const created = await post(pedido, {}, "/pedido");
  expect([created.status, await created.json()]).toEqual([201, { msg: "Pedido criado com sucesso" }]);
  expect(bodies).toEqual(['{"orderId":5,"customerId":1,"items":[{"product":"a","quantity":3,"unitPrice":"0.30"}]}']);
  outcome = "conflict";
  expect((await post(pedido, {}, "/pedido")).status).toBe(409);
  for (const body of ["not json", order(), "{}"]) {
    const reply = await post(body, {}, "/pedido");
    expect([reply.status, await reply.json()]).toEqual([400, { error: expect.any(String) }]);
  }
  const wrong = await post(pedido, { "content-type": "text/plain" }, "/pedido");
  expect([wrong.status, await wrong.json()]).toEqual([415, { error: expect.any(String) }]);
});
