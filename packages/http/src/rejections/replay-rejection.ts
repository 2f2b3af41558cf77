import { OrderInput, SubmittedOrder } from "@pedidos/contract";
import { dialectOf, english, formatUnits, totalUnits } from "@pedidos/domain";
import type { FastifyRequest } from "fastify";
import type { Access } from "../access/open-access.ts";
import type { Store } from "../open-store.ts";
import { idParameter, json, problemAnswers } from "../openapi/describe.ts";
import { orderFrom, type ReceivedOrder } from "../orders/receive-order.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { collectBody, findTypeFault, ORDER_LIMITS } from "../server/collect-body.ts";
import { type Refusal, refusal } from "../server/problem.ts";
import { readPathId } from "../server/read-parameters.ts";

type Replaying = {
  readonly store: Pick<Store, "findRejection" | "replayRejection">;
  readonly nameOf: Access["nameOf"];
};
type Received = ReceivedOrder & { readonly corrected?: boolean };

/** `POST /v1/rejections/{rejectionId}/replay`: submits it again, as it is kept or with the corrected order of the body. */
export function replayRejection({ store, nameOf }: Replaying): Route {
  return route({
    method: "POST",
    url: "/v1/rejections/:rejectionId/replay",
    scope: "rejections:manage",
    schema: {
      summary: "Submit a rejection again",
      description:
        "With the corrected order (in the English form) in the body, or without a body as it was kept. Once only; durable in the transaction that closes the rejection.",
      tags: ["Rejections"],
      params: idParameter("rejectionId"),
      body: { content: { "application/json": { schema: OrderInput } } },
      response: {
        202: json("Accepted: durable, and recorded soon.", SubmittedOrder),
        ...problemAnswers(400, 401, 403, 404, 408, 409, 413, 415, 503),
      },
    },
    async handle(request, reply, answerJson) {
      const id = readPathId(request.params, "rejectionId");
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      const received = await receiveReplay(store, request, id.value);
      if (received.kind === "refused") return refuseWithProblem(reply, received.refusal);
      const { order, body, corrected = false } = received;
      const actor = nameOf(request.headers.authorization) ?? null;
      const replayed = await store.replayRejection(id.value, { body, corrected }, actor);
      if (replayed !== "replayed") return refuseWithProblem(reply, closedRefusal(replayed, id.value));
      const { orderId, customerId } = order;
      return answerJson(reply.header("location", `/v1/orders/${orderId}`), 202, {
        orderId,
        customerId,
        total: formatUnits(totalUnits(order)),
        status: "accepted",
      });
    },
  });
}

/** The corrected order, or the one whose bytes were kept. */
async function receiveReplay(
  store: Replaying["store"],
  { raw }: FastifyRequest,
  rejectionId: number,
): Promise<Received> {
  const collected = await collectBody(raw, ORDER_LIMITS);
  if (collected.kind === "refused") return collected;
  const { bytes } = collected;
  const wrong = bytes.length === 0 ? null : findTypeFault(raw.headers, ["application/json"]);
  if (wrong !== null) return { kind: "refused", refusal: refusal("unsupported_media_type", wrong) };
  const corrected = bytes.length === 0 ? null : orderFrom(bytes, english);
  const rejection = await store.findRejection(rejectionId);
  if (rejection === undefined) return { kind: "refused", refusal: closedRefusal("not_found", rejectionId) };
  if (rejection.status !== "open") return { kind: "refused", refusal: closedRefusal("not_open", rejectionId) };
  return corrected !== null
    ? { ...corrected, corrected: true }
    : orderFrom(rejection.body, dialectOf(rejection.source));
}

export function closedRefusal(found: "not_open" | "not_found", rejectionId: number): Refusal {
  return found === "not_found"
    ? refusal("not_found", `There is no rejection ${rejectionId}.`)
    : refusal("rejection_closed", `Rejection ${rejectionId} was replayed or discarded before.`);
}
