import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiOnRealParts, orderText } from "./testing/api-on-real-parts.ts";

let api: Awaited<ReturnType<typeof apiOnRealParts>>;
beforeAll(async () => {
  api = await apiOnRealParts();
});
afterAll(() => api.close());

const get = async (path: string, accept?: string) => {
  const reply = await fetch(api.url + path, accept === undefined ? {} : { headers: { accept } });
  return { status: reply.status, type: reply.headers.get("content-type"), text: await reply.text() };
};
const json = async (path: string) => JSON.parse((await get(path)).text);

describe("lists", () => {
  const customerId = 7;
  beforeAll(async () => {
    for (let start = 0; start < 2_500; start += 500)
      await api.record(...Array.from({ length: 500 }, (_, index) => orderText(10_000 + start + index, customerId)));
  });

  test("pages hold every order once, newest first", async () => {
    for (const list of [`/v1/customers/${customerId}/orders`, "/v1/orders"]) {
      const ids: number[] = [];
      for (let cursor = ""; ; ) {
        const page = await json(`${list}?limit=200${cursor && `&cursor=${cursor}`}`);
        ids.push(...page.orders.map((order: { orderId: number }) => order.orderId));
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThanOrEqual(2_500);
      expect(ids[0]).toBeGreaterThanOrEqual(12_000);
    }
    expect((await json(`/v1/customers/${customerId}/orders`)).orders).toHaveLength(50);
  });

  test("CSV and NDJSON stream the whole list, and ignore limit and cursor", async () => {
    const { nextCursor } = await json(`/v1/customers/${customerId}/orders?limit=1`);
    const query = `?limit=1&cursor=${nextCursor}`;
    const csv = await get(`/v1/customers/${customerId}/orders${query}`, "text/csv");
    const [head, ...rows] = csv.text.trimEnd().split("\r\n");
    expect([csv.status, head, rows.length]).toEqual([
      200,
      "orderId,customerId,total,itemCount,placedAt,recordedAt",
      2_500,
    ]);
    expect(rows[0]).toMatch(/^1\d{4},7,1\.00,1,,\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const ndjson = await get(`/v1/customers/${customerId}/orders${query}`, "application/x-ndjson");
    const lines = ndjson.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect([ndjson.type, lines.length, new Set(lines.map((order) => order.orderId)).size]).toEqual([
      "application/x-ndjson",
      2_500,
      2_500,
    ]);
    expect(Object.keys(lines[0])).toEqual(["orderId", "customerId", "total", "itemCount", "placedAt", "recordedAt"]);
  });

  test("nothing to list is an empty list in every form", async () => {
    expect(await json("/v1/customers/999/orders")).toEqual({ orders: [], nextCursor: null });
    expect((await get("/v1/customers/999/orders", "application/x-ndjson")).text).toBe("");
    expect((await get("/v1/customers/999/orders", "text/csv")).text).toMatch(/^orderId,[^\n]*\r\n$/);
    expect((await get("/v1/customers/999/orders", "application/xml")).status).toBe(406);
  });

  test("a client that leaves in the middle harms nothing", async () => {
    for (let i = 0; i < 20; i++) {
      const leaving = new AbortController();
      const reply = await fetch(`${api.url}/v1/orders`, { headers: { accept: "text/csv" }, signal: leaving.signal });
      await reply.body?.getReader().read();
      leaving.abort();
    }
    expect((await get("/v1/orders?limit=1")).status).toBe(200);
  });

  test("HEAD of an export reads no list", async () => {
    const reply = await fetch(`${api.url}/v1/orders`, { method: "HEAD", headers: { accept: "text/csv" } });
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8; header=present"]);
  });

  test("the replaced system's list is one JSON document, however long", async () => {
    const { codigo_cliente, pedidos } = await json(`/cliente/${customerId}/pedidos`);
    expect([codigo_cliente, pedidos.length]).toEqual([customerId, 2_500]);
    expect(pedidos[0]).toEqual({
      id: expect.any(Number),
      codigo_pedido: expect.any(Number),
      codigo_cliente: customerId,
      valor_total: 1,
      created_at: expect.stringMatching(/Z$/),
    });
    expect(await json(`/cliente/${customerId}/quantidade_pedidos`)).toEqual({
      codigo_cliente: customerId,
      quantidade_pedidos: 2_500,
    });
    expect(await get("/cliente/999/pedidos")).toMatchObject({
      status: 404,
      text: '{"error":"Cliente não encontrado ou sem pedidos"}',
    });
  });
});

describe("one by one", () => {
  test("an order, its customer, its total in the replaced system's form", async () => {
    await api.record(
      '{"orderId":1,"customerId":5,"placedAt":"2026-11-24T12:00:00Z","items":[{"product":"lápis","quantity":3,"unitPrice":0.335}]}',
    );
    expect(await json("/v1/orders/1")).toEqual({
      orderId: 1,
      customerId: 5,
      total: "1.005",
      items: [{ product: "lápis", quantity: 3, unitPrice: "0.335" }],
      placedAt: "2026-11-24T12:00:00Z",
      recordedAt: expect.any(String),
      status: "recorded",
    });
    expect(await json("/v1/customers/5")).toMatchObject({ orderCount: 1, totalValue: "1.005" });
    expect(await json("/v1/customers/6")).toEqual({
      customerId: 6,
      orderCount: 0,
      totalValue: "0.00",
      firstOrderAt: null,
      lastOrderAt: null,
    });
    expect(await json("/pedido/1")).toEqual({ codigo_pedido: 1, valor_total: 1.005 });
    expect((await get("/v1/orders/2")).status).toBe(404);
    expect(await get("/pedido/2")).toMatchObject({ status: 404, text: '{"error":"Pedido não encontrado"}' });
  });
});

describe("rejections", () => {
  const post = (path: string, body?: string) =>
    fetch(api.url + path, {
      method: "POST",
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    });

  test("they are listed with their bytes, filtered, and paged", async () => {
    await api.record("not json", Buffer.from([0xff, 0xfe]), orderText(1, 5), '{"orderId":77}');
    const { rejections } = await json("/v1/rejections");
    expect(rejections).toHaveLength(4);
    const bodies = rejections.map((row: { bodyEncoding: string; body: string }) => `${row.bodyEncoding} ${row.body}`);
    expect(bodies.sort()).toEqual(
      [`base64 //4=`, "utf8 not json", `utf8 ${orderText(1, 5)}`, 'utf8 {"orderId":77}'].sort(),
    );
    for (const [query, count] of [
      ["reason=invalid_json", 2],
      ["reason=order_conflict&orderId=1", 1],
      ["status=discarded", 0],
      ["orderId=77", 1],
    ] as const)
      expect((await json(`/v1/rejections?${query}`)).rejections).toHaveLength(count);
    expect((await get("/v1/rejections?reason=none")).status).toBe(400);
    const first = await json("/v1/rejections?limit=3");
    const second = await json(`/v1/rejections?limit=3&cursor=${first.nextCursor}`);
    expect([first.rejections.length, second.rejections.length, second.nextCursor]).toEqual([3, 1, null]);
    expect((await get(`/v1/orders?cursor=${first.nextCursor}`)).status).toBe(400);
  });

  test("replay and discard, once only", async () => {
    const { rejections } = await json("/v1/rejections");
    const idOf = (reason: string) => rejections.find((row: { reason: string }) => row.reason === reason).rejectionId;
    const [broken, invalid, conflict] = [idOf("invalid_json"), idOf("invalid_order"), idOf("order_conflict")];
    expect((await post(`/v1/rejections/${broken}/discard`)).status).toBe(204);
    expect((await post(`/v1/rejections/${broken}/discard`)).status).toBe(409);
    expect((await post(`/v1/rejections/${broken}/replay`, orderText(90))).status).toBe(409);
    const faults = await post(`/v1/rejections/${invalid}/replay`);
    expect([faults.status, await faults.json()]).toMatchObject([
      400,
      { errors: [{ pointer: "/customerId" }, { pointer: "/items" }] },
    ]);
    expect((await post(`/v1/rejections/${invalid}/replay`, "{}")).status).toBe(400);
    const corrected = await post(`/v1/rejections/${invalid}/replay`, ` ${orderText(77)}`);
    expect([corrected.status, await corrected.json()]).toEqual([
      202,
      { orderId: 77, customerId: 1, total: "1.00", status: "accepted" },
    ]);
    expect((await post(`/v1/rejections/${conflict}/replay`)).status).toBe(202);
    expect((await post("/v1/rejections/999999/replay")).status).toBe(404);
    expect((await post("/v1/rejections/999999/discard")).status).toBe(404);
    const typed = await fetch(`${api.url}/v1/rejections/${invalid}/replay`, { method: "POST", body: "x" });
    expect(typed.status).toBe(415);
    const spooled = await api.db.selectFrom("spool").select(["body", "source"]).orderBy("spool_id").execute();
    expect(spooled.map((row) => [row.source, row.body.toString()])).toEqual([
      ["replay", orderText(77)],
      ["replay", orderText(1, 5)],
    ]);
    const statuses = (await json("/v1/rejections")).rejections.map((row: { status: string }) => row.status);
    expect(statuses.sort()).toEqual(["discarded", "open", "replayed", "replayed"]);
    const { entries, nextCursor } = await json("/v1/audit?limit=2");
    const done = { doneAt: expect.any(String), actor: null, requestId: expect.any(String), address: "127.0.0.1" };
    expect(entries).toEqual([
      { auditId: 3, ...done, action: "rejection.replayed", rejectionId: conflict, detail: { corrected: false } },
      { auditId: 2, ...done, action: "rejection.replayed", rejectionId: invalid, detail: { corrected: true } },
    ]);
    const rest = await json(`/v1/audit?limit=2&cursor=${nextCursor}`);
    expect(rest).toMatchObject({
      entries: [{ auditId: 1, action: "rejection.discarded", rejectionId: broken, detail: {} }],
      nextCursor: null,
    });
  });
});

test("reconciling reports what is not recorded as sent, and writes nothing", async () => {
  await api.record(orderText(5_001), orderText(5_002), '{"orderId":5003}');
  const tables = ["orders", "customers", "rejections", "spool", "outbox"] as const;
  const counts = () =>
    Promise.all(
      tables.map((table) =>
        api.db
          .selectFrom(table)
          .select((of) => of.fn.countAll().as("n"))
          .executeTakeFirst(),
      ),
    );
  const before = await counts();
  const reply = await fetch(`${api.url}/v1/orders/reconcile`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: [orderText(5_001), orderText(5_002, 1, 2), orderText(5_003), orderText(5_004)].join("\n"),
  });
  expect(
    (await reply.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { line: 2, orderId: 5_002, verdict: "different" },
    { line: 3, orderId: 5_003, verdict: "rejected", rejectionId: expect.any(Number), reason: "invalid_order" },
    { line: 4, orderId: 5_004, verdict: "missing" },
    { lines: 4, recorded: 1, missing: 1, different: 1, rejected: 1, invalid: 0 },
  ]);
  expect(await counts()).toEqual(before);
});

test("a trace reports what is known of an id, recorded, rejected or unknown", async () => {
  await api.record(orderText(6_001), orderText(6_002), '{"orderId":6003}');
  expect(await json("/v1/orders/6001/trace")).toMatchObject({
    orderId: 6_001,
    status: "recorded",
    recorded: { customerId: 1, total: "1.00", itemCount: 1, batchSize: 2, isAnnounced: false },
    rejections: [],
    waiting: null,
  });
  expect(await json("/v1/orders/6003/trace")).toMatchObject({
    status: "rejected",
    recorded: null,
    rejections: [{ reason: "invalid_order", source: "orders.intake", status: "open" }],
  });
  const unknown = await json("/v1/orders/6004/trace");
  expect(unknown).toMatchObject({ status: "unknown", rejections: [], hasMoreRejections: false });
  // Without a broker nothing is said of its queues.
  expect(unknown.waiting).toMatchObject({ queues: null, spool: { orders: expect.any(Number) } });
  expect((await get("/v1/orders/0/trace")).status).toBe(400);
});

test("metrics report requests, roads, pools and the backlog", async () => {
  const reply = await fetch(`${api.url}/v1/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: orderText(7_001),
  });
  expect(reply.status).toBe(202);
  const { text } = await get("/metrics");
  for (const line of [
    /^pedidos_orders_accepted_total\{road="spool"\} 1$/m,
    /^pedidos_spool_rows [1-9]/m,
    /^pedidos_outbox_age_seconds \d/m,
    /^http_server_request_duration_seconds_count\{http_request_method="POST",http_route="\/v1\/orders",http_response_status_code="202"\} 1$/m,
    /^db_client_connection_count\{db_client_connection_pool_name="reads",db_client_connection_state="idle"\} \d/m,
    /^nodejs_eventloop_lag_p99_seconds /m,
  ])
    expect(text).toMatch(line);
  // Never an id: the routes are patterns.
  expect(text).not.toContain('/v1/orders/1"');
});
