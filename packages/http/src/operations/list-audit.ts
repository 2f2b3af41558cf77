import { type AuditEntry, AuditPage } from "@pedidos/contract";
import * as Type from "typebox";
import type { Store } from "../open-store.ts";
import { json, pageParameters, problemAnswers } from "../openapi/describe.ts";
import { LIMIT } from "../orders/list-orders.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { cursorOf, writeCursor } from "../server/cursor.ts";
import { readQuery } from "../server/read-parameters.ts";

const DEFAULT_LIMIT = 50;

/** `GET /v1/audit`: who did what by hand, and when, newest first. */
export function listAudit(store: Pick<Store, "listAudit">): Route {
  return route({
    method: "GET",
    url: "/v1/audit",
    scope: "rejections:manage",
    schema: {
      summary: "List what was done by hand",
      description:
        "Newest first: who (the name of a key) replayed or discarded which rejection, put which dead letter back, paused or resumed consuming, repaired which customer's sums, and when.",
      tags: ["Rejections"],
      querystring: Type.Object(pageParameters),
      response: { 200: json("A page.", AuditPage), ...problemAnswers(400, 401, 403, 503) },
    },
    async handle(request, reply, answerJson) {
      const query = readQuery(request.query, { limit: LIMIT, cursor: cursorOf("audit") });
      if (query.kind === "refused") return refuseWithProblem(reply, query.refusal);
      const { limit = DEFAULT_LIMIT, cursor } = query.value;
      const before = cursor === undefined ? {} : { before: cursor.number };
      const found = await store.listAudit({ ...before, limit: limit + 1 });
      const entries = found.slice(0, limit);
      return answerJson(reply.header("cache-control", "no-store"), 200, {
        entries,
        nextCursor: found.length > limit ? cursorAfter(entries) : null,
      });
    },
  });
}

function cursorAfter(entries: readonly AuditEntry[]): string | null {
  const last = entries.at(-1);
  return last === undefined ? null : writeCursor("audit", { time: last.doneAt, number: last.auditId });
}
