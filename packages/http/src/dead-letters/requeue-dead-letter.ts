import { route } from "../route.ts";
import { answer, JSON_TYPE, refusal, refuse } from "../server/answer.ts";
import type { Parameter } from "../server/read-parameters.ts";
import { NO_BROKER, operationRefusal } from "./list-dead-letters.ts";
import type { DeadLetterOperations } from "./operate-dead-letters.ts";

const DEAD_LETTER_ID: Parameter<string> = {
  schema: { type: "string", pattern: "^[0-9a-f]{32}$" },
  description: "Its deadLetterId in the list.",
  expected: "the deadLetterId of one that is listed, 32 hexadecimal digits",
  parse: (text) => (/^[0-9a-f]{32}$/.test(text) ? text : undefined),
};

/** `POST /v1/dead-letters/{deadLetterId}/requeue`: puts one back to the queue it came from. */
export function requeueDeadLetter(operations: Pick<DeadLetterOperations, "requeue"> | undefined) {
  return route("POST", "/v1/dead-letters/:deadLetterId/requeue", {
    scope: "operations:manage",
    path: { deadLetterId: DEAD_LETTER_ID },
    operationId: "requeueDeadLetter",
    summary: "Put a dead letter back to the queue it came from",
    description:
      "Published there, confirmed, before it is removed from the dead letters: where that is interrupted it may come twice, which its orders' ids absorb. One that came from neither `orders.intake` nor `pedidos` goes to `orders.intake`. One that is still over 1 MiB comes back. It is found among the oldest 200.",
    tags: ["Dead letters"],
    response: { 204: { description: "It is in that queue." } },
    refusals: [404, 429, 503],
    async handle({ performedBy }, reply, _answerJson, { deadLetterId }) {
      if (operations === undefined) return refuse(reply, NO_BROKER);
      const done = await operations.requeue(deadLetterId, performedBy);
      if (done === "not_found")
        return refuse(reply, refusal("not_found", `There is no dead letter ${deadLetterId}, or no more.`));
      if (done !== "requeued") return refuse(reply, operationRefusal(done));
      return answer(reply, 204, JSON_TYPE, "");
    },
  });
}
