import { setTimeout as sleep } from "node:timers/promises";
import { command } from "../command.ts";
import { numberOption } from "../options.ts";
import { log } from "../print.ts";

const PRODUCTS = [
  ...["lápis", "caderno", "borracha", "régua", "mochila"],
  ...["estojo", "tesoura", "cola", "caneta", "papel A4"],
];
const CUSTOMERS = 200;
const BATCHES_A_SECOND = 10;

export const demo = command(
  "demo",
  "Send made-up orders at a steady rate",
  (argv) =>
    argv
      .option("rate", numberOption("rate", "orders a second", { from: 0.1, to: 10_000, default: 20, fraction: true }))
      .option("seconds", numberOption("seconds", "how long", { from: 1, to: 604_800, default: 60 })),
  async ({ rate, seconds }, client) => {
    const began = Date.now();
    let sent = 0;
    for (let tick = 1; tick <= seconds * BATCHES_A_SECOND; tick++) {
      const due = Math.floor((tick * rate) / BATCHES_A_SECOND);
      const orders = Array.from({ length: due - sent }, (_, index) => madeUpOrder(began * 100 + sent + index));
      if (orders.length > 0)
        await client.fetch({
          method: "POST",
          path: "/v1/orders/batch",
          contentType: "application/x-ndjson",
          body: orders.map((order) => `${JSON.stringify(order)}\n`).join(""),
        });
      sent = due;
      await sleep(Math.max(0, began + (tick * 1_000) / BATCHES_A_SECOND - Date.now()));
    }
    log(`${sent} made-up orders sent.`);
  },
  { interrupted: () => "What was sent stays." },
);

function madeUpOrder(orderId: number) {
  const upTo = (most: number) => 1 + Math.floor(Math.random() * most);
  const items = Array.from({ length: upTo(5) }, () => ({
    product: PRODUCTS[upTo(PRODUCTS.length) - 1],
    quantity: upTo(20),
    unitPrice: (upTo(5_000) / 100).toFixed(2),
  }));
  return { orderId, customerId: upTo(CUSTOMERS), placedAt: new Date().toISOString(), items };
}
