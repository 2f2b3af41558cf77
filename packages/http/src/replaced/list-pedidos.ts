import type { PedidoRow } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { idParameter } from "../openapi/describe.ts";
import type { Route } from "../route.ts";
import { JSON_TYPE } from "../server/answer.ts";
import { refusal } from "../server/problem.ts";
import { readPathId } from "../server/read-parameters.ts";
import { streamPages } from "../server/stream-pages.ts";
import { refuseWithError } from "./answer-error.ts";
import { errorAnswers, example } from "./describe.ts";

/** `GET /cliente/{codigo}/pedidos`: all of a client's orders, oldest first, in one answer however many there are. */
export function listPedidos({ walkPedidos }: Pick<Store, "walkPedidos">): Route {
  return {
    method: "GET",
    url: "/cliente/:codigo/pedidos",
    scope: "legacy",
    schema: {
      summary: "List a client's orders",
      tags: ["Replaced system"],
      params: idParameter("codigo"),
      response: {
        200: example("Oldest first.", {
          codigo_cliente: 1,
          pedidos: [
            {
              id: 1,
              codigo_pedido: 1001,
              codigo_cliente: 1,
              valor_total: 120,
              created_at: "2026-11-24T12:00:01.123456Z",
            },
          ],
        }),
        ...errorAnswers(400, 401, 403, 404, 429, 503),
      },
    },
    async handle(request, reply) {
      const codigo = readPathId(request.params, "codigo");
      if (codigo.kind === "refused") return refuseWithError(reply, codigo.refusal);
      const pages = walkPedidos(codigo.value);
      const first = await pages.next();
      if (first.done) return refuseWithError(reply, refusal("not_found", "Cliente não encontrado ou sem pedidos"));
      const head = `{"codigo_cliente":${codigo.value},"pedidos":[${writeRows(first.value)}`;
      const write = (page: PedidoRow[]) => `,${writeRows(page)}`;
      return await streamPages(reply.type(JSON_TYPE), pages, write, { head, tail: "]}" });
    },
  };
}

function writeRows(rows: readonly PedidoRow[]): string {
  return rows.map((row) => JSON.stringify({ ...row, valor_total: Number(row.valor_total) })).join(",");
}
