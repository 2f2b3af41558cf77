import type { Store } from "../open-store.ts";
import { route } from "../route.ts";
import { answer, JSON_TYPE, refuse } from "../server/answer.ts";
import { ID } from "../server/read-parameters.ts";
import { closedRefusal } from "./replay-rejection.ts";

/** `POST /v1/rejections/{rejectionId}/discard`: closes it for good. */
export function discardRejection(store: Pick<Store, "discardRejection">) {
  return route({
    method: "POST",
    url: "/v1/rejections/:rejectionId/discard",
    scope: "rejections:manage",
    path: { rejectionId: ID },
    summary: "Discard a rejection",
    tags: ["Rejections"],
    response: { 204: { description: "It is discarded." } },
    refusals: [404, 409, 503],
    async handle({ actor }, reply, _answerJson, { rejectionId }) {
      const discarded = await store.discardRejection(rejectionId, actor);
      if (discarded !== "discarded") return refuse(reply, closedRefusal(discarded, rejectionId));
      return answer(reply, 204, JSON_TYPE, "");
    },
  });
}
