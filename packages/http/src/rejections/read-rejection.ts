import { isUtf8 } from "node:buffer";
import { Rejection } from "@pedidos/contract";
import type { StoredRejection } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { idParameter, json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { readPathId } from "../server/read-parameters.ts";
import { closedRefusal } from "./replay-rejection.ts";

/** `GET /v1/rejections/{rejectionId}`: one of them, closed or not. */
export function readRejection(store: Pick<Store, "findRejection">): Route {
  return route({
    method: "GET",
    url: "/v1/rejections/:rejectionId",
    scope: "rejections:manage",
    schema: {
      summary: "Read a rejection",
      tags: ["Rejections"],
      params: idParameter("rejectionId"),
      response: { 200: json("The rejection.", Rejection), ...problemAnswers(400, 401, 403, 404, 503) },
    },
    async handle(request, reply, answerJson) {
      const id = readPathId(request.params, "rejectionId");
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      const rejection = await store.findRejection(id.value);
      if (rejection === undefined) return refuseWithProblem(reply, closedRefusal("not_found", id.value));
      return answerJson(reply.header("cache-control", "no-store"), 200, showRejection(rejection));
    },
  });
}

/** As it is answered, alone and in lists. */
export function showRejection({
  rejectionId,
  reason,
  errors,
  orderId,
  source,
  body,
  ...rest
}: StoredRejection): Rejection {
  const bodyEncoding = isUtf8(body) ? "utf8" : "base64";
  const { times, firstSeenAt, lastSeenAt, status } = rest;
  return {
    rejectionId,
    reason,
    errors,
    orderId,
    source,
    body: body.toString(bodyEncoding),
    bodyEncoding,
    times,
    firstSeenAt,
    lastSeenAt,
    status,
  };
}
