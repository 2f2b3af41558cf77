import { RejectionPage, rejectionStatuses } from "@pedidos/contract";
import { reasons } from "@pedidos/domain";
import type { StoredRejection } from "@pedidos/persistence";
import * as Type from "typebox";
import type { Store } from "../open-store.ts";
import { json, pageParameters, problemAnswers, rejectionParameters } from "../openapi/describe.ts";
import { LIMIT } from "../orders/list-orders.ts";
import type { Route } from "../route.ts";
import { JSON_TYPE, refuseWithProblem } from "../server/answer.ts";
import { cursorOf, writeCursor } from "../server/cursor.ts";
import { ID, type Parameter, readQuery } from "../server/read-parameters.ts";
import { streamPages } from "../server/stream-pages.ts";
import { yieldToOthers } from "../server/yield-to-others.ts";
import { showRejection } from "./read-rejection.ts";

const DEFAULT_LIMIT = 50;

function choice<Value extends string>(values: readonly Value[]): Parameter<Value> {
  return { parse: (text) => values.find((value) => value === text), expected: `one of ${values.join(", ")}` };
}

const PARAMETERS = {
  limit: LIMIT,
  cursor: cursorOf("rejections"),
  reason: choice(reasons),
  status: choice(rejectionStatuses),
  orderId: ID,
};

/** `GET /v1/rejections`: what could not become an order, newest first. */
export function listRejections(store: Pick<Store, "listRejections">): Route {
  return {
    method: "GET",
    url: "/v1/rejections",
    scope: "rejections:manage",
    schema: {
      summary: "List rejections",
      description: "Newest first. A page ends early at 8 MiB of bodies.",
      tags: ["Rejections"],
      querystring: Type.Object({ ...pageParameters, ...rejectionParameters }),
      response: { 200: json("A page.", RejectionPage), ...problemAnswers(400, 401, 403, 503) },
    },
    async handle(request, reply) {
      const query = readQuery(request.query, PARAMETERS);
      if (query.kind === "refused") return refuseWithProblem(reply, query.refusal);
      const { limit = DEFAULT_LIMIT, cursor, ...filter } = query.value;
      const after = cursor === undefined ? {} : { after: { firstSeenAt: cursor.time, rejectionId: cursor.number } };
      const { rejections, next } = await store.listRejections({ ...filter, ...after, limit });
      const nextCursor =
        next === null ? null : writeCursor("rejections", { time: next.firstSeenAt, number: next.rejectionId });
      const frame = { head: '{"rejections":[', tail: `],"nextCursor":${JSON.stringify(nextCursor)}}` };
      return await streamPages(
        reply.header("cache-control", "no-store").type(JSON_TYPE),
        oneByOne(rejections),
        ({ rejection, isFirst }) => `${isFirst ? "" : ","}${JSON.stringify(showRejection(rejection))}`,
        frame,
      );
    },
  };
}

/** Yields to other requests in between: a page may be megabytes. */
async function* oneByOne(rejections: readonly StoredRejection[]) {
  const yieldIfDue = yieldToOthers();
  for (const [index, rejection] of rejections.entries()) {
    yield { rejection, isFirst: index === 0 };
    await yieldIfDue();
  }
}
