import { isUtf8 } from "node:buffer";
import { Rejection, RejectionPage, rejectionStatuses } from "@pedidos/contract";
import type { StoredRejection } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { JSON_TYPE, refuse, TOO_MUCH_MEMORY } from "../server/answer.ts";
import { pageOf, writeCursor } from "../server/cursor.ts";
import { limitFairly } from "../server/fair-queue.ts";
import { type Client, clientOf } from "../server/identify-caller.ts";
import { leaseUntilAnswered } from "../server/limit-callers.ts";
import { choice, DEFAULT_LIMIT, ID } from "../server/read-parameters.ts";
import { streamPages } from "../server/stream-pages.ts";
import { yieldToOthers } from "../server/yield-to-others.ts";
import { closedRefusal } from "./close-rejection.ts";
import { REJECTION_FILTER } from "./rejection-filter.ts";

/** Pages at once of which it is not known yet how large they are. */
const PAGES_IN_FLIGHT = 2;
/** The most that a page's bodies have. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** `GET /v1/rejections`: what could not become an order, newest first. */
export function listRejections(store: Pick<Store, "listRejections">) {
  const limit = limitFairly(PAGES_IN_FLIGHT);
  return route("GET", "/v1/rejections", {
    scope: "rejections:manage",
    query: {
      ...pageOf("rejections"),
      status: choice(rejectionStatuses, "Only those of this status."),
      ...REJECTION_FILTER,
    },
    operationId: "listRejections",
    summary: "List rejections",
    description: "Newest first. A page ends early at 8 MiB of bodies.",
    tags: ["Rejections"],
    response: { 200: json("A page.", RejectionPage) },
    refusals: [429, 503],
    async handle(_request, reply, _answerJson, { limit: most = DEFAULT_LIMIT, cursor, ...filter }) {
      const after = cursor === undefined ? {} : { after: { firstSeenAt: cursor.time, rejectionId: cursor.number } };
      const client = clientOf(reply);
      // A page is held until all of it is sent. Nothing is read that could not be.
      const memory = leaseUntilAnswered(reply, "memory");
      const page = await limit(client, async () =>
        memory.resize(PAGE_BYTES) ? await store.listRejections({ ...filter, ...after, limit: most }) : null,
      );
      if (page === null) return refuse(reply, TOO_MUCH_MEMORY);
      const { rejections, next } = page;
      memory.resize(rejections.reduce((sum, { body }) => sum + body.length, 0));
      const nextCursor =
        next === null ? null : writeCursor("rejections", { time: next.firstSeenAt, number: next.rejectionId });
      return await streamPages(
        reply.header("cache-control", "no-store").type(JSON_TYPE),
        rejectionTexts(rejections, client),
        (text) => text,
        { head: '{"rejections":[', tail: `],"nextCursor":${JSON.stringify(nextCursor)}}` },
      );
    },
  });
}

/** Yields to other requests in between: a page may be megabytes. */
async function* rejectionTexts(rejections: readonly StoredRejection[], client: Client): AsyncGenerator<string, void> {
  const yieldIfDue = yieldToOthers(client);
  for (const [index, rejection] of rejections.entries()) {
    yield `${index === 0 ? "" : ","}${JSON.stringify(showRejection(rejection))}`;
    await yieldIfDue();
  }
}

/** `GET /v1/rejections/{rejectionId}`: one of them, closed or not. */
export function readRejection({ findRejection }: Pick<Store, "findRejection">) {
  return route("GET", "/v1/rejections/:rejectionId", {
    scope: "rejections:manage",
    path: { rejectionId: ID },
    operationId: "readRejection",
    summary: "Read a rejection",
    description: "With its faults and the bytes as they came, whether it is open or closed.",
    tags: ["Rejections"],
    response: { 200: json("The rejection.", Rejection) },
    refusals: [404, 503],
    async handle(_request, reply, answerJson, { rejectionId }) {
      const rejection = await findRejection(rejectionId);
      if (rejection === undefined) return refuse(reply, closedRefusal("not_found", rejectionId));
      return answerJson(reply.header("cache-control", "no-store"), 200, showRejection(rejection));
    },
  });
}

/** As it is answered, alone and in lists. */
export function showRejection({ body, ...rejection }: StoredRejection): Rejection {
  const bodyEncoding = isUtf8(body) ? "utf8" : "base64";
  return { ...rejection, body: body.toString(bodyEncoding), bodyEncoding };
}
