import type { Access } from "../access/open-access.ts";
import type { Store } from "../open-store.ts";
import { idParameter, problemAnswers } from "../openapi/describe.ts";
import type { Route } from "../route.ts";
import { answer, JSON_TYPE, refuseWithProblem } from "../server/answer.ts";
import { readPathId } from "../server/read-parameters.ts";
import { closedRefusal } from "./replay-rejection.ts";

type Discarding = { readonly store: Pick<Store, "discardRejection">; readonly nameOf: Access["nameOf"] };

/** `POST /v1/rejections/{rejectionId}/discard`: closes it for good. */
export function discardRejection({ store, nameOf }: Discarding): Route {
  return {
    method: "POST",
    url: "/v1/rejections/:rejectionId/discard",
    scope: "rejections:manage",
    schema: {
      summary: "Discard a rejection",
      tags: ["Rejections"],
      params: idParameter("rejectionId"),
      response: { 204: { description: "It is discarded." }, ...problemAnswers(400, 401, 403, 404, 409, 503) },
    },
    async handle(request, reply) {
      const id = readPathId(request.params, "rejectionId");
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      const discarded = await store.discardRejection(id.value, nameOf(request.headers.authorization) ?? null);
      if (discarded !== "discarded") return refuseWithProblem(reply, closedRefusal(discarded, id.value));
      return answer(reply, 204, JSON_TYPE, "");
    },
  };
}
