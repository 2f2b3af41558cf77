import { Customer, OrderTrace, RecordedOrder } from "@pedidos/contract";
import type { Client } from "../open-client.ts";
import { print, printTable } from "../print.ts";

/** `pedidos customer ID`: count, exact total, first and last order. */
export async function lookUpCustomer(client: Client, customerId: number, asJson: boolean): Promise<void> {
  print(await client.read(Customer, { path: `/v1/customers/${customerId}` }), asJson);
}

/** `pedidos order ID`: the order as it is recorded. */
export async function lookUpOrder(client: Client, orderId: number, asJson: boolean): Promise<void> {
  const order = await client.read(RecordedOrder, { path: `/v1/orders/${orderId}` });
  if (asJson) return print(order, true);
  const { items, ...rest } = order;
  print(rest, false);
  printTable(items);
}

/** `pedidos trace ID`: all that is known of an id, recorded or not. */
export async function traceOrder(client: Client, orderId: number, asJson: boolean): Promise<void> {
  print(await client.read(OrderTrace, { path: `/v1/orders/${orderId}/trace` }), asJson);
}
