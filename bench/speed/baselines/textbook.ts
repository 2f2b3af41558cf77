import { createServer } from "node:http";
import { parseOrder } from "@pedidos/domain";
import { type ConsumeMessage, connect } from "amqplib";
import pg from "pg";

// The textbook's consumer: prefetch 10, one message at a time, one transaction a message, acknowledge.
const QUEUE = "bench.textbook";
const client = new pg.Client({ connectionString: String(process.env.DATABASE_URL) });
await client.connect();
const connection = await connect(String(process.env.AMQP_URL), { noDelay: true });
const channel = await connection.createChannel();
await channel.assertQueue(QUEUE, { durable: true, arguments: { "x-queue-type": "quorum" } });
await channel.prefetch(10);

let working = Promise.resolve();
await channel.consume(QUEUE, (message) => {
  if (message !== null) working = working.then(() => record(message));
});

async function record(message: ConsumeMessage): Promise<void> {
  const parsed = parseOrder(JSON.parse(String(message.content)));
  if (parsed.kind !== "order") throw new Error("not an order");
  const { orderId, customerId, items } = parsed.order;
  const total = items.reduce((sum, item) => sum + item.quantity * item.priceUnits, 0) / 10_000;
  await client.query("begin");
  await client.query("insert into book_orders values ($1, $2, $3, now())", [orderId, customerId, total]);
  for (const [line, { product, quantity, priceUnits }] of items.entries())
    await client.query("insert into book_order_items values ($1, $2, $3, $4, $5)", [
      orderId,
      line + 1,
      product,
      quantity,
      priceUnits / 10_000,
    ]);
  await client.query(
    `insert into book_customers as c values ($1, 1, $2) on conflict (customer_id) do update
     set order_count = c.order_count + 1, total_value = c.total_value + excluded.total_value`,
    [customerId, total],
  );
  await client.query("commit");
  channel.ack(message);
}

createServer((_request, response) => response.end('{"status":"ready"}')).listen(Number(process.env.PORT), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
