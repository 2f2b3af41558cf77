import { Readable } from "node:stream";
import { exampleEvent } from "@pedidos/contract";
import { type Change, startOf } from "@pedidos/persistence";
import type { FastifyReply } from "fastify";
import type { KnownHorizon } from "../open-store.ts";
import type { Route } from "../route.ts";
import { isRefusal, refuse } from "../server/answer.ts";
import { answerHead } from "../server/answer-head.ts";
import { cutSlow } from "../server/await-reader.ts";
import { lostAdmission } from "../server/end-with-key.ts";
import { callerOf } from "../server/identify-caller.ts";
import { parameterReader } from "../server/read-parameters.ts";
import { setConnectionClose } from "../server/shut-down-gracefully.ts";
import type { Feed } from "./open-feed.ts";
import { CHANGE_CURSOR, writeChangeCursor } from "./write-change.ts";

const BUFFER_BYTES = 64 * 1024;
/** How soon an EventSource reconnects. */
const RETRY_MS = 2_000;
/** How long a stream waits for the transactions that are recording, so as to begin with what comes next. */
const MAX_WAIT_MS = 200;

type Streaming = { readonly feed: Feed; readonly horizon: KnownHorizon };

/** `GET /v1/events`: what is recorded and rejected, as it happens, as Server-Sent Events. */
export function streamEvents({ feed, horizon }: Streaming): Route {
  const query = { after: CHANGE_CURSOR };
  const read = parameterReader({}, query);
  return {
    method: "GET",
    url: "/v1/events",
    scope: "orders:read",
    query,
    headers: { "last-event-id": CHANGE_CURSOR },
    operationId: "streamEvents",
    summary: "Follow what is recorded and rejected, as it happens",
    description:
      "Server-Sent Events: `event` is the type, `data` the event as it is announced on `orders.events`, `id` a cursor. A client that reconnects with it (`Last-Event-ID`, as an EventSource does by itself, or `after`) misses nothing, on any instance; without one it begins with what comes next. A comment comes every 15 seconds if nothing else does. A client that takes nothing for 30 seconds is cut off.",
    tags: ["Changes"],
    response: {
      200: {
        description: "A stream that does not end by itself, until this server stops.",
        content: { "text/event-stream": { schema: { type: "string", examples: [EXAMPLE] } } },
      },
    },
    refusals: [429, 503],
    async handle(request, reply) {
      const { "last-event-id": last } = request.headers;
      const given = read({ params: {}, query: last ? { after: last } : request.query });
      if (isRefusal(given)) return refuse(reply, given);
      const { after = "now" } = given;
      const from = after === "now" ? startOf(await horizon(MAX_WAIT_MS)) : after;
      // A client that is cut off before anything came still knows its place.
      const head = `retry: ${RETRY_MS}\nid: ${writeChangeCursor(from)}\n\n`;
      return stream(reply, head, (signal) => feed.follow(from, callerOf(request), signal));
    },
  };
}

function stream(
  reply: FastifyReply,
  head: string,
  follow: (signal: AbortSignal) => AsyncGenerator<readonly Change[], void>,
): FastifyReply {
  setConnectionClose(reply);
  reply.headers({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    // Asks proxies that buffer answers to pass this one on as it comes.
    "x-accel-buffering": "no",
  });
  if (reply.request.method === "HEAD") return answerHead(reply);
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const pages = follow(AbortSignal.any([gone.signal, reply.server.stopping, lostAdmission(reply)]));
  async function* text(): AsyncGenerator<string, void> {
    yield head;
    for await (const page of pages) yield page.length === 0 ? ":\n\n" : page.map(writeEvent).join("");
  }
  // A client that is cut off reconnects and goes on where it was.
  const texts = cutSlow(text(), () => reply.raw.destroy());
  return reply.send(Readable.from(texts, { objectMode: false, highWaterMark: BUFFER_BYTES }));
}

function writeEvent({ position, event }: Change): string {
  return `id: ${writeChangeCursor(position)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const EXAMPLE = writeEvent({
  position: { time: exampleEvent.time, kind: "recorded", number: 42 },
  event: exampleEvent,
});
