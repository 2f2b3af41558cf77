import { deadLetterMessage } from "@pedidos/messaging";
import { freshVirtualHost } from "@pedidos/testing";
import amqp from "amqplib";
import createClient from "openapi-fetch";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { components, operations, paths } from "./openapi/client.generated.ts";
import { apiOnRealParts, orderText } from "./testing/api-on-real-parts.ts";

// What the answers hold is checked by testing/check-answers.ts, here as in every other test.

const NDJSON = { headers: { "content-type": "application/x-ndjson" }, bodySerializer: (body: unknown) => String(body) };
const asText = { parseAs: "text" } as const;

let api: Awaited<ReturnType<typeof apiOnRealParts>>;
let client: ReturnType<typeof createClient<paths>>;
const closing: (() => Promise<unknown>)[] = [];

/** Something of every kind is there: recorded, refused, rejected, replayed, discarded, dead, deferred, paused, repaired. */
beforeAll(async () => {
  const host = await freshVirtualHost();
  closing.push(host.drop);
  api = await apiOnRealParts(host.url);
  closing.push(api.close);
  client = createClient<paths>({ baseUrl: api.url });
  await api.record(orderText(1_001), orderText(1_001, 2), orderText(1_002, 3), '{"orderId":2}', "not json", "nor this");
  await api.db.updateTable("customers").set({ order_count: 7 }).where("customer_id", "=", 3).execute();
  const refused = { order_id: 3, refusals: 1, refused_for: "23514", retry_at: "2100-01-01T00:00:00Z" };
  await api.db
    .insertInto("spool")
    .values({ ...refused, body: Buffer.from(orderText(3)), source: "http" })
    .execute();
  // So that createPedido need not wait for it.
  await api.record(orderText(6));
  await killLetters(host.url, "first", "second");
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function killLetters(url: string, ...texts: readonly string[]): Promise<void> {
  const connection = await amqp.connect(url);
  closing.push(() => connection.close());
  const channel = await connection.createConfirmChannel();
  await vi.waitFor(async () => expect((await client.GET("/v1/dead-letters")).response.status).toBe(200), 30_000);
  for (const text of texts) {
    const { exchange, routingKey, body } = deadLetterMessage(Buffer.from(text), "orders.intake");
    channel.publish(exchange, routingKey, Buffer.from(body));
  }
  await channel.waitForConfirms();
}

const orderOf = (orderId: number): components["schemas"]["Order"] => JSON.parse(orderText(orderId));
const lines = [orderText(1_001, 5), orderText(2), orderText(4), "{"].join("\n");

type Asked = Promise<{ readonly response: Response }>;

/** Every operation of the document, or this does not compile; those that change something come before what reads it. */
const walk: { readonly [Name in keyof operations]: readonly [status: number, ask: () => Asked] } = {
  submitOrder: [202, () => client.POST("/v1/orders", { body: orderOf(5) })],
  submitBatch: [200, () => client.POST("/v1/orders/batch", { body: lines, ...NDJSON })],
  reconcileOrders: [200, () => client.POST("/v1/orders/reconcile", { body: lines, ...NDJSON, ...asText })],
  createPedido: [
    201,
    () =>
      client.POST("/pedido", {
        body: { codigoPedido: 6, codigoCliente: 1, itens: [{ produto: "a", quantidade: 1, preco: "1.00" }] },
      }),
  ],
  recountCustomers: [
    200,
    () => client.POST("/v1/customers/recount", { params: { query: { repair: true } }, ...asText }),
  ],
  replayRejection: [
    202,
    () => client.POST("/v1/rejections/{rejectionId}/replay", { params: rejection(1), body: orderOf(7) }),
  ],
  discardRejection: [204, () => client.POST("/v1/rejections/{rejectionId}/discard", { params: rejection(2) })],
  discardRejections: [
    200,
    () => client.POST("/v1/rejections/discard", { params: { query: { reason: "poison", upTo: 1 } } }),
  ],
  requeueDeadLetter: [
    204,
    async () => {
      const { data } = await client.GET("/v1/dead-letters");
      const deadLetterId = data?.deadLetters[0]?.deadLetterId ?? "none";
      return await client.POST("/v1/dead-letters/{deadLetterId}/requeue", { params: { path: { deadLetterId } } });
    },
  ],
  setConsuming: [200, () => client.PUT("/v1/consuming", { body: { paused: true } })],
  readConsuming: [200, () => client.GET("/v1/consuming")],
  listOrders: [200, () => client.GET("/v1/orders", { params: { query: { limit: 1 } } })],
  readOrder: [200, () => client.GET("/v1/orders/{orderId}", { params: { path: { orderId: 1_001 } } })],
  traceOrder: [200, () => client.GET("/v1/orders/{orderId}/trace", { params: { path: { orderId: 3 } } })],
  readCustomer: [200, () => client.GET("/v1/customers/{customerId}", { params: customer(1) })],
  listCustomerOrders: [200, () => client.GET("/v1/customers/{customerId}/orders", { params: customer(1) })],
  listRejections: [200, () => client.GET("/v1/rejections", { params: { query: { reason: "invalid_json" } } })],
  countRejections: [200, () => client.GET("/v1/rejections/counts", { params: { query: { status: "open" } } })],
  readRejection: [200, () => client.GET("/v1/rejections/{rejectionId}", { params: rejection(1) })],
  listDeadLetters: [200, () => client.GET("/v1/dead-letters")],
  listAudit: [200, () => client.GET("/v1/audit")],
  listChanges: [200, () => client.GET("/v1/changes")],
  streamEvents: [200, streamEvents],
  readPedido: [200, () => client.GET("/pedido/{codigo}", { params: { path: { codigo: 1_001 } } })],
  countPedidos: [200, () => client.GET("/cliente/{codigo}/quantidade_pedidos", { params: { path: { codigo: 1 } } })],
  listPedidos: [200, () => client.GET("/cliente/{codigo}/pedidos", { params: { path: { codigo: 1 } } })],
  readSession: [200, () => client.GET("/v1/session")],
  // There are no keys here.
  beginSession: [401, () => client.POST("/v1/session", { body: { key: "unknown" }, headers: { origin: api.url } })],
  endSession: [204, () => client.DELETE("/v1/session", { headers: { origin: api.url } })],
  readLiveness: [200, () => client.GET("/health/live")],
  readReadiness: [200, () => client.GET("/health/ready")],
  readMetrics: [200, () => client.GET("/metrics", asText)],
  readOverview: [200, () => client.GET("/v1/overview")],
  readVolumes: [200, () => client.GET("/v1/volumes", { params: { query: { range: "day" } } })],
};

const rejection = (rejectionId: number) => ({ path: { rejectionId } });
const customer = (customerId: number) => ({ path: { customerId } });

async function streamEvents(): Asked {
  const leaving = new AbortController();
  const { response } = await client.GET("/v1/events", { parseAs: "stream", signal: leaving.signal });
  leaving.abort();
  return { response };
}

test("a client that is made of the document walks every operation", async () => {
  for (const [name, [status, ask]] of Object.entries(walk))
    expect([name, (await ask()).response.status]).toEqual([name, status]);
  const { data } = await client.GET("/v1/audit");
  expect(new Set(data?.entries.map(({ action }) => action)).size).toBe(5);
});

test("refusals are as described too, and exports in their other forms", async () => {
  const statusOf = async (path: string, init?: RequestInit) => (await fetch(api.url + path, init)).status;
  for (const [path, status] of [
    ["/v1/orders/99", 404],
    ["/v1/orders/x", 400],
    ["/v1/orders/2/trace", 200],
    ["/v1/orders/99/trace", 200],
    ["/v1/orders?format=xml", 400],
    ["/v1/customers/99", 200],
    ["/v1/rejections/3", 200],
    ["/v1/rejections/99", 404],
    ["/pedido/x", 400],
    ["/pedido/99", 404],
    ["/cliente/99/pedidos", 404],
    ["/v1/nothing", 404],
  ] as const)
    expect([path, await statusOf(path)]).toEqual([path, status]);
  const post = (path: string, body?: string) =>
    statusOf(path, { method: "POST", ...(body && { body, headers: { "content-type": "application/json" } }) });
  expect(await post("/v1/orders", '{"orderId":5}')).toBe(400);
  expect(await post("/pedido", "{}")).toBe(400);
  expect(await post("/v1/rejections/1/replay")).toBe(409);
  expect(await post("/v1/orders/1001")).toBe(405);
  const { data } = await client.GET("/v1/orders", { params: { query: { format: "ndjson" } }, ...asText });
  expect(data?.trimEnd().split("\n")).toHaveLength(3);
});
