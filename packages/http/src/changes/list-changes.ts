import { ChangePage } from "@pedidos/contract";
import { startOf } from "@pedidos/persistence";
import * as Type from "typebox";
import type { Store } from "../open-store.ts";
import { changeCursor, json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { type Parameter, readQuery } from "../server/read-parameters.ts";
import type { KnownHorizon } from "./require-horizon.ts";
import { CHANGE_CURSOR, writeChangeCursor } from "./write-change.ts";

const [DEFAULT_LIMIT, MOST] = [200, 1_000];
const LIMIT: Parameter<number> = {
  parse: (text) => (/^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= MOST ? Number(text) : undefined),
  expected: `an integer from 1 to ${MOST}`,
};
/** So long a page waits for the transactions that are under way when it is asked for, so as to have the newest too. */
const PATIENCE_MS = 200;

type Changes = { readonly store: Pick<Store, "listChanges">; readonly horizon: KnownHorizon };

/** `GET /v1/changes`: what was recorded and rejected, oldest first, in pages that go on where the last one ended. */
export function listChanges({ store, horizon }: Changes): Route {
  return route({
    method: "GET",
    url: "/v1/changes",
    scope: "orders:read",
    schema: {
      summary: "Read what was recorded and rejected, in pages",
      description:
        "Each once, in an order of the feed's own, none left out, whatever clocks and failovers do: go on with nextCursor, for ever; where a page is empty, ask again later. Changes are the events of `orders.events`. A change appears once every transaction that was recording when it was committed has ended: within a second, and later only while such a transaction does not end. Without a cursor it begins with the first; with `now` with what comes next.",
      tags: ["Changes"],
      querystring: Type.Object({
        cursor: changeCursor,
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST, default: DEFAULT_LIMIT })),
      }),
      response: { 200: json("A page.", ChangePage), ...problemAnswers(400, 401, 403, 503) },
    },
    async handle(request, reply, answerJson) {
      const query = readQuery(request.query, { cursor: CHANGE_CURSOR, limit: LIMIT });
      if (query.kind === "refused") return refuseWithProblem(reply, query.refusal);
      const { cursor = null, limit = DEFAULT_LIMIT } = query.value;
      const before = await horizon(PATIENCE_MS);
      const changes = cursor === "now" ? [] : await store.listChanges({ after: cursor, before, limit });
      const here = cursor === null || cursor === "now" ? startOf(before) : cursor;
      return answerJson(reply.header("cache-control", "no-store"), 200, {
        changes: changes.map(({ event }) => event),
        nextCursor: writeChangeCursor(changes.at(-1)?.position ?? here),
      });
    },
  });
}
