import { Customer, OrderTrace, RecordedOrder } from "@pedidos/contract";
import { command } from "../command.ts";
import { ID } from "../options.ts";
import { print, printTable } from "../print.ts";

export const lookUpCustomer = command(
  "customer <id>",
  "Show a customer's count, exact total, first and last order",
  (argv) => argv.positional("id", ID),
  async ({ id, json }, client) => print(await client.read(Customer, { path: `/v1/customers/${id}` }), json),
);

export const lookUpOrder = command(
  "order <id>",
  "Show an order as it is recorded",
  (argv) => argv.positional("id", ID),
  async ({ id, json }, client) => {
    const order = await client.read(RecordedOrder, { path: `/v1/orders/${id}` });
    if (json) return print(order, true);
    const { items, ...rest } = order;
    print(rest, false);
    printTable(items);
  },
);

export const traceOrder = command(
  "trace <id>",
  "Show all that is known of an order id, recorded or not",
  (argv) => argv.positional("id", ID),
  async ({ id, json }, client) => print(await client.read(OrderTrace, { path: `/v1/orders/${id}/trace` }), json),
);
