import { isUtf8 } from "node:buffer";
import type { DeadLetter as DeadMessage } from "@pedidos/broker";
import { type DeadLetter, DeadLetters } from "@pedidos/contract";
import { json, route } from "../route.ts";
import { type Refusal, refusal, refuse } from "../server/answer.ts";
import { DEFAULT_LIMIT, LIMIT } from "../server/read-parameters.ts";
import type { DeadLetterOperations } from "./operate-dead-letters.ts";

/** What is shown of a body. */
const SHOWN_BYTES = 64 * 1024;

/** `GET /v1/dead-letters`: what lies in `orders.dead-letter`, which stays there. */
export function listDeadLetters(operations: Pick<DeadLetterOperations, "list"> | undefined) {
  return route("GET", "/v1/dead-letters", {
    scope: "operations:manage",
    query: { limit: LIMIT },
    operationId: "listDeadLetters",
    summary: "Inspect the dead letters",
    description:
      "Oldest first, none of them removed: the first of the queue, as many as `limit` says and 32 MiB allow. Of a body up to 64 KiB are shown. `404` in the standalone, which has no broker.",
    tags: ["Dead letters"],
    response: { 200: json("The oldest, and how many there are.", DeadLetters) },
    refusals: [404, 429, 503],
    async handle(_request, reply, answerJson, { limit = DEFAULT_LIMIT }) {
      if (operations === undefined) return refuse(reply, NO_BROKER);
      const found = await operations.list(limit);
      if (typeof found === "string") return refuse(reply, operationRefusal(found));
      const { deadLetters, depth } = found;
      const shown = { deadLetters: deadLetters.map(show), depth };
      return answerJson(reply.header("cache-control", "no-store"), 200, shown);
    },
  });
}

export const NO_BROKER = refusal(
  "no_broker",
  "This server has no broker, and so no dead letters: what cannot become an order is in /v1/rejections.",
);

export function operationRefusal(found: "busy" | "unavailable"): Refusal {
  return refusal(
    "unavailable",
    found === "busy"
      ? "Somebody else inspects the dead letters just now. Try again."
      : "The broker cannot be reached, or takes no messages. The dead letters stay where they are.",
  );
}

function show({ deadLetterId, queue, reason, body, diedAt }: DeadMessage): DeadLetter {
  const shown = cut(body);
  const bodyEncoding = isUtf8(shown) ? "utf8" : "base64";
  return {
    deadLetterId,
    queue,
    reason,
    size: body.length,
    body: shown.toString(bodyEncoding),
    bodyEncoding,
    truncated: shown.length < body.length,
    diedAt: diedAt?.toISOString() ?? null,
  };
}

/** The first bytes of a body; of text none of a character that does not fit in whole. */
function cut(body: Buffer): Buffer {
  if (body.length <= SHOWN_BYTES) return body;
  let end = SHOWN_BYTES;
  while (end > SHOWN_BYTES - 4 && isContinuation(body[end])) end--;
  const whole = body.subarray(0, end);
  return isUtf8(whole) ? whole : body.subarray(0, SHOWN_BYTES);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
