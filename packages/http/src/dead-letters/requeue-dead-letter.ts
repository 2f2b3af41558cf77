import * as Type from "typebox";
import type { Access } from "../access/open-access.ts";
import { problemAnswers } from "../openapi/describe.ts";
import type { Route } from "../route.ts";
import { answer, JSON_TYPE, refuseWithProblem } from "../server/answer.ts";
import { refusal } from "../server/problem.ts";
import { type Parameter, readPath } from "../server/read-parameters.ts";
import { NO_BROKER, operationRefusal } from "./list-dead-letters.ts";
import type { DeadLetterOperations } from "./operate-dead-letters.ts";

const DEAD_LETTER_ID: Parameter<string> = {
  parse: (text) => (/^[0-9a-f]{32}$/.test(text) ? text : undefined),
  expected: "the deadLetterId of one that is listed, 32 hexadecimal digits",
};

type Requeueing = {
  readonly operations: Pick<DeadLetterOperations, "requeue"> | undefined;
  readonly nameOf: Access["nameOf"];
};

/** `POST /v1/dead-letters/{deadLetterId}/requeue`: puts one back to the queue it came from. */
export function requeueDeadLetter({ operations, nameOf }: Requeueing): Route {
  return {
    method: "POST",
    url: "/v1/dead-letters/:deadLetterId/requeue",
    scope: "rejections:manage",
    schema: {
      summary: "Put a dead letter back to the queue it came from",
      description:
        "Published there, confirmed, before it is removed from the dead letters: where that is interrupted it may come twice, which its orders' ids absorb. One that came from neither `orders.intake` nor `pedidos` goes to `orders.intake`. One that is still over 1 MiB comes back. It is found among the oldest 200.",
      tags: ["Dead letters"],
      params: Type.Object({ deadLetterId: Type.String({ pattern: "^[0-9a-f]{32}$" }) }),
      response: { 204: { description: "It is in that queue." }, ...problemAnswers(400, 401, 403, 404, 429, 503) },
    },
    async handle(request, reply) {
      const id = readPath(request.params, "deadLetterId", DEAD_LETTER_ID);
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      if (operations === undefined) return refuseWithProblem(reply, NO_BROKER);
      const done = await operations.requeue(id.value, nameOf(request.headers.authorization) ?? null);
      if (done === "not_found")
        return refuseWithProblem(reply, refusal("not_found", `There is no dead letter ${id.value}, or no more.`));
      if (done !== "requeued") return refuseWithProblem(reply, operationRefusal(done));
      return answer(reply, 204, JSON_TYPE, "");
    },
  };
}
