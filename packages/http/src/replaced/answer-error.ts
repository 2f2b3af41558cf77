import type { FastifyReply } from "fastify";
import { JSON_TYPE, refuse } from "../server/answer.ts";
import type { Refusal } from "../server/problem.ts";

/** The replaced system's routes: `{"error": …}`, with the faults in words. */
export function refuseWithError(reply: FastifyReply, refused: Refusal): FastifyReply {
  return refuse(reply, refused, JSON_TYPE, JSON.stringify({ error: describe(refused) }));
}

function describe({ detail, extra }: Refusal): string {
  const faults = extra?.errors;
  if (!Array.isArray(faults)) return detail;
  return `Pedido inválido: ${faults.map((fault) => `${fault.pointer} ${fault.detail}`.trim()).join("; ")}`;
}
