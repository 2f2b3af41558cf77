import { english, portuguese, type Source } from "@pedidos/domain";
import {
  compareOrders,
  identityOf,
  listRejections,
  migrate,
  openDatabase,
  recordOrders,
  traceOrder,
} from "@pedidos/persistence";
import { freshDatabase } from "@pedidos/testing";
import { expect, onTestFinished, test } from "vitest";
import { toPoison, toSubmission } from "./record-lines.ts";

const order = { orderId: 0, customerId: 1, placedAt: null, items: [{ product: "a", quantity: 1, priceUnits: 1 }] };
const line = (source: Source, text: string) => ({ source, body: Buffer.from(text), tries: 0, settle: () => {} });

test("a rejection is found by the id that its bytes hold: in lists, in the trace, and by reconciling", async () => {
  const { url, drop } = await freshDatabase();
  await migrate({ connectionString: url, directory: "infra/sql" });
  const db = openDatabase({ connectionString: url, applicationName: "test" });
  onTestFinished(async () => {
    await db.destroy();
    await drop();
  });
  const killer = `{"orderId":3,"customerId":1,"items":${"[".repeat(500_000)}`;
  await recordOrders(db, [
    toSubmission(line("orders.intake", '{"orderId":1,"customerId":1,"items":[')),
    toSubmission(line("pedidos", '{"codigoPedido":2,"codigoCliente":1,"itens":[NaN]}')),
    toPoison(line("orders.intake", killer)),
    toPoison(line("pedidos", '{"codigoCliente":1,"codigoPedido":4,"itens":[]}')),
    toSubmission(line("orders.intake", '{"orderId":5,"customerId":1,"items":[],"more":{"orderId":6}}')),
  ]);
  const reasons = ["invalid_json", "invalid_json", "poison", "poison", "invalid_order"];
  for (const [index, reason] of reasons.entries()) {
    const orderId = index + 1;
    const { rejections } = await listRejections(db, { orderId, limit: 10 });
    expect(rejections, `order ${orderId}`).toMatchObject([{ orderId, reason }]);
    expect((await traceOrder(db, orderId)).rejections).toMatchObject([{ reason }]);
    expect(await compareOrders(db, [identityOf({ ...order, orderId })])).toMatchObject([{ kind: "rejected", reason }]);
  }
});

test("what holds no id in its source's words has none", () => {
  for (const [source, words] of [
    ["orders.intake", portuguese],
    ["pedidos", english],
  ] as const)
    expect(toPoison(line(source, `{"${words.orderId}":7,`))).toMatchObject({ orderId: null });
});
