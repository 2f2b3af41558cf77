import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordedOrder } from "@pedidos/contract";
import { expect, test } from "vitest";
import { localeOf } from "../input/locale.ts";
import { openInput } from "../input/open-input.ts";
import { readOrders } from "../input/read-orders.ts";
import { writeItems, writeLines, writeListed } from "./write-orders.ts";

const products = ["lápis; azul", 'a "b", c', " two\r\nlines ", "=1+1", "\tx|y", "🍐", "'quoted'", "\ufeff1,5"];
const orders: RecordedOrder[] = products.map((product, index) => ({
  ...{
    orderId: index + 1,
    customerId: 7,
    total: "1234567.005",
    status: "recorded",
    recordedAt: "2026-11-24T12:00:00Z",
  },
  items: [
    { product, quantity: 1_000, unitPrice: "1234.56" },
    { product: `${product}.`, quantity: 1, unitPrice: "0.0005" },
  ],
  placedAt: index % 2 === 0 ? null : "2026-01-01T02:30:15Z",
}));
const stream = async function* <Value>(values: readonly Value[]) {
  yield* values;
};
const textOf = async (parts: AsyncIterable<string>) => {
  let text = "";
  for await (const part of parts) text += part;
  return text;
};

test.each([
  ["csv", undefined],
  ["csv", "pt-BR"],
  ["ndjson", undefined],
] as const)("what is exported with its items can be sent again: %s %s", async (format, name) => {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-export-"));
  try {
    const locale = localeOf(name);
    const file = join(folder, `orders.${format}`);
    writeFileSync(
      file,
      await textOf(format === "csv" ? writeItems(stream(orders), locale) : writeLines(stream(orders))),
    );
    const found = [];
    const options = name === undefined ? {} : { locale };
    for await (const one of readOrders(await openInput(file, {}), options).orders) found.push(one);
    expect(found.map((one) => one.kind === "order" && one.order)).toEqual(
      orders.map(({ orderId, customerId, placedAt, items: [first, second] }) => ({
        ...{ orderId, customerId, placedAt },
        items: [
          { product: first?.product, quantity: 1_000, priceUnits: 12_345_600 },
          { product: second?.product, quantity: 1, priceUnits: 5 },
        ],
      })),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a list is written as a Brazilian spreadsheet reads it", async () => {
  const listed = { orderId: 1, customerId: 7, total: "1234.56", itemCount: 2, placedAt: null };
  const text = await textOf(
    writeListed(stream([{ ...listed, recordedAt: "2026-01-01T02:30:15.123456Z" }]), localeOf("pt-BR")),
  );
  expect(text).toBe(
    "\ufeffPedido;Cliente;Total;Itens;Data do pedido;Registrado em\r\n1;7;1234,56;2;;31/12/2025 23:30:15\r\n",
  );
});
