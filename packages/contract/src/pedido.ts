import { limits } from "@pedidos/domain";
import * as Type from "typebox";
import type { Static } from "./fields.ts";

const codigo = Type.Integer({ minimum: 1, maximum: limits.id });

/** An order in the words of the replaced system, as its producers send it. */
export const Pedido = Type.Object(
  {
    codigoPedido: codigo,
    codigoCliente: codigo,
    itens: Type.Array(
      Type.Object({
        produto: Type.String({ minLength: 1, maxLength: limits.productLength }),
        quantidade: Type.Integer({ minimum: 1, maximum: limits.quantity }),
        preco: Type.Unsafe<number | string>({ type: ["number", "string"] }),
      }),
      { minItems: 1, maxItems: limits.items },
    ),
  },
  {
    examples: [{ codigoPedido: 1001, codigoCliente: 1, itens: [{ produto: "lápis", quantidade: 100, preco: 1.1 }] }],
  },
);
export type Pedido = Static<typeof Pedido>;
