import { ChangePage } from "@pedidos/contract";
import { startOf } from "@pedidos/persistence";
import type { KnownHorizon, Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { limitOf } from "../server/read-parameters.ts";
import { CHANGE_CURSOR, writeChangeCursor } from "./write-change.ts";

const DEFAULT_LIMIT = 200;
/** How long a page waits for the transactions that are recording at its request, so as to have the newest too. */
const MAX_WAIT_MS = 200;

type Changes = { readonly store: Pick<Store, "listChanges">; readonly horizon: KnownHorizon };

/** `GET /v1/changes`: what was recorded and rejected, oldest first, in pages that go on where the last one ended. */
export function listChanges({ store, horizon }: Changes) {
  return route("GET", "/v1/changes", {
    scope: "orders:read",
    query: { cursor: CHANGE_CURSOR, limit: limitOf(1_000, DEFAULT_LIMIT) },
    operationId: "listChanges",
    summary: "Read what was recorded and rejected, in pages",
    description:
      "Each once, in an order of the feed's own, none left out, even after failovers and with wrong clocks: go on with nextCursor, for ever; if a page is empty, poll again later. Changes are the events of `orders.events`. A change appears once every transaction that was recording when it was committed has ended: within a second, and later only while such a transaction does not end. Without a cursor it begins with the first; with `now` with what comes next.",
    tags: ["Changes"],
    response: { 200: json("A page.", ChangePage) },
    refusals: [503],
    async handle(_request, reply, answerJson, { cursor = null, limit = DEFAULT_LIMIT }) {
      const before = await horizon(MAX_WAIT_MS);
      const changes = cursor === "now" ? [] : await store.listChanges({ after: cursor, before, limit });
      const here = cursor === null || cursor === "now" ? startOf(before) : cursor;
      const nextCursor = writeChangeCursor(changes.at(-1)?.position ?? here);
      const page = { changes: changes.map(({ event }) => event), nextCursor };
      return answerJson(reply.header("cache-control", "no-store"), 200, page);
    },
  });
}
