import { afterAll, beforeAll, expect, test } from "vitest";
import { StoreUnavailable } from "../open-store.ts";
import { serveForTest } from "../testing/serve-for-test.ts";

const recordedAt = "2026-01-01T00:00:00Z";
const listed = (orderId: number) =>
  ({ orderId, customerId: 1, total: "1.00", itemCount: 1, placedAt: null, recordedAt }) as const;
const pedido = { id: 1, codigo_pedido: 1, codigo_cliente: 1, valor_total: "1.00", created_at: recordedAt } as const;

let api: Awaited<ReturnType<typeof serveForTest>>;
/** The second page comes when it is resolved. */
let second: PromiseWithResolvers<void>;
beforeAll(async () => {
  api = await serveForTest({
    store: {
      async *walkOrders({ customerId }) {
        if (customerId === 9) throw new StoreUnavailable(new Error("away"));
        yield [listed(1)];
        await second.promise;
        yield [listed(2)];
      },
      async *walkPedidos() {
        yield [pedido];
      },
      listRejections: async () => ({ rejections: [], next: null }),
      readTransactions: async () => ({ before: recordedAt, open: [] }),
      listChanges: async () => [],
    },
  });
});
afterAll(() => api.close());

const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(api.url + path, { method, headers });

test.each([
  "/v1/orders?format=csv",
  "/v1/customers/1/orders?format=ndjson",
  "/v1/rejections",
  "/cliente/1/pedidos",
  "/v1/events",
])("HEAD of what is streamed tells no length: %s", async (path) => {
  second = Promise.withResolvers<void>();
  const { status, headers } = await ask(path, {}, "HEAD");
  expect([status, headers.get("content-length")]).toEqual([200, null]);
  expect(headers.get("content-type")).not.toBeNull();
});

test.each(["csv", "ndjson"])(
  "an export is compressed if that is asked for, and each row still comes at once: %s",
  async (format) => {
    second = Promise.withResolvers<void>();
    const { headers, body } = await ask(`/v1/orders?format=${format}`, { "accept-encoding": "gzip;q=0.5" });
    expect([headers.get("content-encoding"), headers.get("vary")]).toEqual(["gzip", "accept, origin, accept-encoding"]);
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    const readUntil = async (what: string) => {
      let text = "";
      for (;;) {
        const { done, value = "" } = (await reader?.read()) ?? { done: true };
        text += value;
        if (done || text.includes(what)) return text;
      }
    };
    expect(await readUntil(recordedAt)).toContain("1.00");
    second.resolve();
    expect(await readUntil("at the end")).toContain("1.00");
  },
);

test.each([undefined, "identity", "br", "gzip;q=0"])("it is sent as it is to whom asks for %s", async (encoding) => {
  second = Promise.withResolvers<void>();
  second.resolve();
  // Without the header `fetch` would send its own.
  const { headers } = await ask("/v1/orders?format=csv", { "accept-encoding": encoding ?? "" });
  expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([null, "accept, origin, accept-encoding"]);
});

test("a refusal is neither compressed nor a file to be saved", async () => {
  const { status, headers } = await ask("/v1/customers/9/orders?format=csv", { "accept-encoding": "gzip" });
  expect([status, headers.get("content-type")]).toEqual([503, "application/problem+json; charset=utf-8"]);
  expect([headers.get("content-encoding"), headers.get("content-disposition")]).toEqual([null, null]);
});
