import { AuditPage } from "@pedidos/contract";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { pageOf, writeCursor } from "../server/cursor.ts";
import { DEFAULT_LIMIT } from "../server/read-parameters.ts";

/** `GET /v1/audit`: who did what by hand, and when, newest first. */
export function listAudit(store: Pick<Store, "listAudit">) {
  return route("GET", "/v1/audit", {
    scope: "audit:read",
    query: pageOf("audit"),
    operationId: "listAudit",
    summary: "List what was done by hand",
    description:
      "Newest first: who (the name of a key) replayed or discarded which rejection, put which dead letter back, paused or resumed consuming, repaired which customer's sums, and when, by which request and from which address.",
    tags: ["Operations"],
    response: { 200: json("A page.", AuditPage) },
    refusals: [503],
    async handle(_request, reply, answerJson, { limit = DEFAULT_LIMIT, cursor }) {
      const before = cursor === undefined ? {} : { before: cursor.number };
      const found = await store.listAudit({ ...before, limit: limit + 1 });
      const entries = found.slice(0, limit);
      const last = found.length > limit ? entries.at(-1) : undefined;
      const nextCursor = last === undefined ? null : writeCursor("audit", { time: last.doneAt, number: last.auditId });
      return answerJson(reply.header("cache-control", "no-store"), 200, { entries, nextCursor });
    },
  });
}
