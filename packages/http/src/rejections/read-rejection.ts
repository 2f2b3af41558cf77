import { isUtf8 } from "node:buffer";
import { Rejection } from "@pedidos/contract";
import type { StoredRejection } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { refuse } from "../server/answer.ts";
import { ID } from "../server/read-parameters.ts";
import { closedRefusal } from "./replay-rejection.ts";

/** `GET /v1/rejections/{rejectionId}`: one of them, closed or not. */
export function readRejection({ findRejection }: Pick<Store, "findRejection">) {
  return route({
    method: "GET",
    url: "/v1/rejections/:rejectionId",
    scope: "rejections:manage",
    path: { rejectionId: ID },
    summary: "Read a rejection",
    tags: ["Rejections"],
    response: { 200: json("The rejection.", Rejection) },
    refusals: [404, 503],
    async handle(_request, reply, answerJson, { rejectionId }) {
      const rejection = await findRejection(rejectionId);
      if (rejection === undefined) return refuse(reply, closedRefusal("not_found", rejectionId));
      return answerJson(reply.header("cache-control", "no-store"), 200, showRejection(rejection));
    },
  });
}

/** As it is answered, alone and in lists. */
export function showRejection({ body, ...rejection }: StoredRejection): Rejection {
  const bodyEncoding = isUtf8(body) ? "utf8" : "base64";
  return { ...rejection, body: body.toString(bodyEncoding), bodyEncoding };
}
