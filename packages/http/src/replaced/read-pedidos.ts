import type { PedidoRow } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { route } from "../route.ts";
import { JSON_TYPE, refusal, refuse } from "../server/answer.ts";
import type { FairLimit } from "../server/fair-queue.ts";
import { ID } from "../server/read-parameters.ts";
import { readFairly, streamPages } from "../server/stream-pages.ts";
import { example } from "./describe.ts";

/** `GET /pedido/{codigo}`: an order's total, as a JSON number. */
export function readPedido({ findOrder }: Pick<Store, "findOrder">) {
  return route("GET", "/pedido/:codigo", {
    scope: "legacy",
    path: { codigo: ID },
    operationId: "readPedido",
    summary: "Read an order's total",
    description: "The total is a JSON number here, as the replaced system answered; `/v1/orders` has it exactly.",
    tags: ["Replaced system"],
    response: { 200: example("The order's total.", { codigo_pedido: 1001, valor_total: 120 }) },
    refusals: [404, 503],
    async handle(_request, reply, answerJson, { codigo }) {
      const order = await findOrder(codigo);
      if (order === undefined) return refuse(reply, refusal("not_found", "Pedido não encontrado"));
      return answerJson(reply, 200, { codigo_pedido: order.orderId, valor_total: Number(order.total) });
    },
  });
}

/** `GET /cliente/{codigo}/quantidade_pedidos`: how many orders; 0 for an unknown client. */
export function countPedidos({ findCustomer }: Pick<Store, "findCustomer">) {
  return route("GET", "/cliente/:codigo/quantidade_pedidos", {
    scope: "legacy",
    path: { codigo: ID },
    operationId: "countPedidos",
    summary: "Count a client's orders",
    description: "Of an unknown client it is 0.",
    tags: ["Replaced system"],
    response: {
      200: example("The count; 0 for an unknown client.", { codigo_cliente: 1, quantidade_pedidos: 1 }),
    },
    refusals: [503],
    async handle(_request, reply, answerJson, { codigo }) {
      const { orderCount } = await findCustomer(codigo);
      return answerJson(reply, 200, { codigo_cliente: codigo, quantidade_pedidos: orderCount });
    },
  });
}

/** `GET /cliente/{codigo}/pedidos`: all of a client's orders, oldest first, in one answer however many there are. */
export function listPedidos({ walkPedidos }: Pick<Store, "walkPedidos">, exportLimit: FairLimit) {
  const created_at = "2026-11-24T12:00:01.123456Z";
  const pedido = { id: 1, codigo_pedido: 1001, codigo_cliente: 1, valor_total: 120, created_at };
  return route("GET", "/cliente/:codigo/pedidos", {
    scope: "legacy",
    path: { codigo: ID },
    operationId: "listPedidos",
    summary: "List a client's orders",
    description:
      "Oldest first, all of them in one answer. A client without orders is a `404`, as it was in the replaced system.",
    tags: ["Replaced system"],
    response: { 200: example("Oldest first.", { codigo_cliente: 1, pedidos: [pedido] }) },
    refusals: [404, 429, 503],
    async handle(_request, reply, _answerJson, { codigo }) {
      const pages = readFairly(exportLimit, reply, walkPedidos(codigo));
      const first = await pages.next();
      if (first.done) return refuse(reply, refusal("not_found", "Cliente não encontrado ou sem pedidos"));
      const head = `{"codigo_cliente":${codigo},"pedidos":[${writeRows(first.value)}`;
      const write = (page: PedidoRow[]) => `,${writeRows(page)}`;
      return await streamPages(reply.type(JSON_TYPE), pages, write, { head, tail: "]}" });
    },
  });
}

function writeRows(rows: readonly PedidoRow[]): string {
  return rows.map((row) => JSON.stringify({ ...row, valor_total: Number(row.valor_total) })).join(",");
}
