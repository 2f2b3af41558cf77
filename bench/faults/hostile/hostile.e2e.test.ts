import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isRecord, parse } from "../content.ts";
import { type AmqpFuzz, openAmqpFuzz } from "./fuzz-amqp.ts";
import { checkBlocking, fuzzHttp, sendWatched, type Target } from "./fuzz-http.ts";
import { HOSTILE_MESSAGES, type MessageKind } from "./hostile-messages.ts";
import { HOSTILE_REQUESTS, type RequestKind } from "./hostile-requests.ts";
import { HUGE_REQUESTS } from "./huge-requests.ts";
import { judgeAnswers } from "./judge-answers.ts";
import { SLOW_REQUESTS, type SlowEnd, sendSlowly } from "./send-slowly.ts";
import { startWatched, type WatchedSystem } from "./start-watched.ts";

/** `pnpm fuzz` runs the long form. A failure names the seed. */
const seed = Number(process.env.FUZZ_SEED ?? randomInt(1_000_000));
const cases = Number(process.env.FUZZ_CASES ?? 300);
/** Each of them is some megabytes. */
const largeCases = Math.min(cases, 40 + cases / 10);
const TIME_LIMIT_MS = 120_000 + cases * 100;

/** With a margin of an eighth, of the 512 MiB that compose.yaml gives each app. */
const MOST_RESIDENT_MB = 448;
const MOST_GROWTH_MB = 25;
const SLOW = {
  connections: 50,
  withinMs: { headers: 15_000, order: 30_000, pedido: 30_000 },
  toleranceMs: 8_000,
  closedAfterMs: 20_000,
};

let system: WatchedSystem;
let queues: AmqpFuzz;
let api: Target;
let slow: Promise<readonly (readonly [keyof typeof SLOW_REQUESTS, SlowEnd])[]>;
const heapBefore = { api: 0, consumer: 0 };

beforeAll(async () => {
  system = await startWatched();
  queues = await openAmqpFuzz(system);
  api = { port: system.apps.api1.port, watch: system.watches.api };
  // They last all the time that everything else is thrown at the API.
  const kinds = Array.from({ length: SLOW.connections }, () => ["headers", "order", "pedido"] as const).flat();
  slow = Promise.all(
    kinds.map(async (kind) => [kind, await sendSlowly(api.port, SLOW_REQUESTS[kind], 60_000)] as const),
  );
});
afterAll(async () => {
  await queues?.close();
  await system?.remove();
});

describe(`for everything sent, by the seed ${seed}`, () => {
  const messageKinds = Object.keys(HOSTILE_MESSAGES).filter((kind): kind is MessageKind => kind in HOSTILE_MESSAGES);
  test.each(messageKinds)(
    "%s to the queues: each line becomes an order or a rejection with its faults",
    async (kind) => {
      const counts = await queues.run(kind, { seed, cases: kind === "large messages" ? largeCases : cases });
      // What few cases hold is chance.
      const expected = kind === "large messages" ? [] : ["recorded", "order_conflict"];
      for (const outcome of cases < 200 ? [] : ["invalid_json", "invalid_order", ...expected])
        expect(counts[outcome], JSON.stringify(counts)).toBeGreaterThan(0);
    },
    TIME_LIMIT_MS,
  );

  const requestKinds = Object.keys(HOSTILE_REQUESTS).filter((kind): kind is RequestKind => kind in HOSTILE_REQUESTS);
  test.each(requestKinds)(
    "%s to the API: never a 5xx, each refusal says what and where, nobody is delayed",
    async (kind) => {
      const statuses = await fuzzHttp(api, kind, { seed, cases: kind === "large" ? largeCases : cases });
      expect(Object.keys(statuses).length, JSON.stringify(statuses)).toBeGreaterThan(2);
      if (heapBefore.api > 0) return;
      heapBefore.api = (await system.watches.api.ask({ collect: true })).heapMb;
      heapBefore.consumer = (await system.watches.consumer.ask({ collect: true })).heapMb;
    },
    TIME_LIMIT_MS,
  );

  test(
    "what was rejected can be read, page by page",
    async () => {
      let pages = 0;
      for (let cursor: unknown = ""; typeof cursor === "string"; pages++) {
        const target = `/v1/rejections?limit=200${cursor === "" ? "" : `&cursor=${cursor}`}`;
        const pieces = [Buffer.from(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)];
        const { exchanged, longestBlockMs } = await sendWatched(api, pieces);
        await checkBlocking("API", longestBlockMs, async () => (await sendWatched(api, pieces)).longestBlockMs);
        const [answer] = exchanged.answers;
        expect(answer?.status).toBe(200);
        const page = parse(answer?.body ?? "");
        cursor = isRecord(page) ? page.nextCursor : undefined;
      }
      expect(pages).toBeGreaterThan(1);
    },
    TIME_LIMIT_MS,
  );
});

test.each(HUGE_REQUESTS)("$name", async (request) => {
  const { exchanged, longestBlockMs } = await sendWatched(api, request.pieces());
  expect(judgeAnswers({ ...request, pieces: [] }, exchanged)).toBeUndefined();
  expect(exchanged.answers[0]?.status).toBe(request.status);
  await checkBlocking("API", longestBlockMs, async () => (await sendWatched(api, request.pieces())).longestBlockMs);
});

test("a client that sends byte by byte is answered 408 in time", async () => {
  for (const [kind, { answer, answeredAfterMs, closedAfterMs }] of await slow) {
    expect([kind, answer.slice(0, 12)]).toEqual([kind, "HTTP/1.1 408"]);
    expect(answer).toMatch(kind === "pedido" ? /"error":"[^"]{10,}"/ : /"detail":"[^"]{10,}"/);
    expect(answeredAfterMs, kind).toBeLessThan(SLOW.withinMs[kind] + SLOW.toleranceMs);
    expect(closedAfterMs - answeredAfterMs, kind).toBeLessThan(SLOW.closedAfterMs);
  }
});

test("all that has left nothing behind: memory is flat, nobody has ended", async () => {
  expect(system.badEnds).toEqual([]);
  for (const process of ["api", "consumer"] as const) {
    const { heapMb, mostResidentMb } = await system.watches[process].ask({ collect: true });
    expect(heapMb - heapBefore[process], process).toBeLessThan(MOST_GROWTH_MB);
    expect(mostResidentMb, process).toBeLessThan(MOST_RESIDENT_MB);
    console.log(
      `${process}: ${mostResidentMb.toFixed(0)} MB at most, the heap grew by ${(heapMb - heapBefore[process]).toFixed(1)} MB`,
    );
  }
});
