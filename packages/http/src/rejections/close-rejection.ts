import { DiscardedRejections, OrderInput, SubmittedOrder } from "@pedidos/contract";
import { dialectOf, english, formatUnits, totalUnits } from "@pedidos/domain";
import type { FastifyReply } from "fastify";
import { lackOf } from "../access/lack-of.ts";
import type { Access } from "../access/open-access.ts";
import type { Store } from "../open-store.ts";
import { orderFrom, type ReceivedOrder } from "../orders/receive-order.ts";
import { json, route } from "../route.ts";
import { answer, isRefusal, JSON_TYPE, type Refusal, refusal, refuse } from "../server/answer.ts";
import { collectBody, ORDER_LIMITS, refuseType } from "../server/collect-body.ts";
import { ID } from "../server/read-parameters.ts";
import { REJECTION_FILTER } from "./rejection-filter.ts";

type Replaying = {
  readonly store: Pick<Store, "findRejection" | "replayRejection">;
  readonly access: Pick<Access, "check">;
};

/** `POST /v1/rejections/{rejectionId}/replay`: submits it again, as it is kept or with the corrected order of the body. */
export function replayRejection({ store, access }: Replaying) {
  return route("POST", "/v1/rejections/:rejectionId/replay", {
    scope: "rejections:manage",
    path: { rejectionId: ID },
    operationId: "replayRejection",
    summary: "Submit a rejection again",
    description:
      "With the corrected order (in the English form) in the body, or without a body as it was kept. A correction that has another `orderId` than the rejection, or where that has none, needs the scope `orders:write` too. Once only; durable in the transaction that closes the rejection.",
    tags: ["Rejections"],
    body: { required: false, content: { "application/json": { schema: OrderInput } } },
    response: { 202: json("Accepted: durable, and recorded soon.", SubmittedOrder) },
    refusals: [404, 408, 409, 413, 415, 503],
    async handle(request, reply, answerJson, { rejectionId }) {
      const received = await receiveReplay({ store, access }, reply, rejectionId);
      if (isRefusal(received)) return refuse(reply, received);
      const { order, body, corrected } = received;
      const replayed = await store.replayRejection(rejectionId, { body, corrected }, request.performedBy);
      if (replayed !== "replayed") return refuse(reply, closedRefusal(replayed, rejectionId));
      const { orderId, customerId } = order;
      const total = formatUnits(totalUnits(order));
      reply.header("location", `${request.basePath}/v1/orders/${orderId}`);
      return answerJson(reply, 202, { orderId, customerId, total, status: "accepted" });
    },
  });
}

/** The corrected order, or the one whose bytes were kept. */
async function receiveReplay(
  { store, access }: Replaying,
  reply: FastifyReply,
  rejectionId: number,
): Promise<(ReceivedOrder & { readonly corrected: boolean }) | Refusal> {
  const bytes = await collectBody(reply, ORDER_LIMITS);
  if (isRefusal(bytes)) return bytes;
  const corrected = bytes.length > 0;
  const wrongType = corrected ? refuseType(reply.request.raw.headers, ["application/json"]) : null;
  if (wrongType !== null) return wrongType;
  const correction = corrected ? await orderFrom(reply, bytes, english) : null;
  const rejection = await store.findRejection(rejectionId);
  if (rejection === undefined) return closedRefusal("not_found", rejectionId);
  if (rejection.status !== "open") return closedRefusal("not_open", rejectionId);
  const received = correction ?? (await orderFrom(reply, rejection.body, dialectOf(rejection.source)));
  if (isRefusal(received)) return received;
  const isAnother = corrected && received.order.orderId !== rejection.orderId;
  const lack = isAnother ? lackOf(access, "orders:write", reply.request.headers.authorization) : null;
  return lack ?? { ...received, corrected };
}

/** `POST /v1/rejections/{rejectionId}/discard`: closes it for good. */
export function discardRejection(store: Pick<Store, "discardRejection">) {
  return route("POST", "/v1/rejections/:rejectionId/discard", {
    scope: "rejections:manage",
    path: { rejectionId: ID },
    operationId: "discardRejection",
    summary: "Discard a rejection",
    description: "Closes it for good and submits nothing. Once only.",
    tags: ["Rejections"],
    response: { 204: { description: "It is discarded." } },
    refusals: [404, 409, 503],
    async handle({ performedBy }, reply, _answerJson, { rejectionId }) {
      const discarded = await store.discardRejection(rejectionId, performedBy);
      if (discarded !== "discarded") return refuse(reply, closedRefusal(discarded, rejectionId));
      return answer(reply, 204, JSON_TYPE, "");
    },
  });
}

const NOT_COUNTED = refusal(
  "invalid_parameter",
  "upTo is missing; must be the newestId of GET /v1/rejections/counts with the same filter.",
);

/** `POST /v1/rejections/discard`: closes open rejections of a filter for good, some at a time. */
export function discardRejections(store: Pick<Store, "discardRejections">) {
  return route("POST", "/v1/rejections/discard", {
    scope: "rejections:manage",
    query: {
      ...REJECTION_FILTER,
      upTo: { ...ID, description: "The newestId of the counts; what came later stays open." },
    },
    operationId: "discardRejections",
    summary: "Discard the open rejections of a filter",
    description: "The oldest first, 200 a request: repeat it while hasMore is true.",
    tags: ["Rejections"],
    response: { 200: json("How many it discarded.", DiscardedRejections) },
    refusals: [400, 503],
    async handle({ performedBy }, reply, answerJson, { upTo, ...filter }) {
      if (upTo === undefined) return refuse(reply, NOT_COUNTED);
      return answerJson(reply, 200, await store.discardRejections({ ...filter, upTo }, performedBy));
    },
  });
}

export function closedRefusal(found: "not_open" | "not_found", rejectionId: number): Refusal {
  return found === "not_found"
    ? refusal("not_found", `There is no rejection ${rejectionId}.`)
    : refusal("rejection_closed", `Rejection ${rejectionId} was replayed or discarded before.`);
}
