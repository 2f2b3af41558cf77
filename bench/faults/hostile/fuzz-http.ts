import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { type ExchangeOptions, exchange } from "./exchange.ts";
import { fill, MEBIBYTE } from "./hostile-bodies.ts";
import { HOSTILE_REQUESTS, type HostileRequest, type RequestKind } from "./hostile-requests.ts";
import { judgeAnswers } from "./judge-answers.ts";
import type { Watch } from "./start-watched.ts";

export type Target = { readonly port: number; readonly watch: Watch };
export type FuzzOptions = { readonly seed: number; readonly cases: number };

/** The longest time that one request may keep all others from being served. */
const BLOCK_LIMIT_MS = 100;
const SILENCE_MS = 200;

/**
 * A collection that was due, code that was compiled, a machine that stood still for seconds is not the request's: then it
 * is quicker another time.
 */
async function leastBlockMs(first: number, again: () => Promise<number>): Promise<number> {
  let least = first;
  for (let attempt = 0; attempt < 5 && least > BLOCK_LIMIT_MS; attempt++) {
    await wait(200 * 2 ** attempt);
    least = Math.min(least, await again());
  }
  return least;
}

/** How long the reference takes where the limit is meant: 1 MiB of keys, read. */
const REFERENCE_MS = 40;
const reference = fill("unknown keys", MEBIBYTE).toString();

/** A machine that is slower, or busy with other things, blocks everybody for longer. → the limit on it, now. */
function limitHere(): number {
  const times = Array.from({ length: 3 }, () => {
    const before = process.threadCpuUsage();
    JSON.parse(reference);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  return BLOCK_LIMIT_MS * Math.max(1, Math.min(...times) / REFERENCE_MS);
}

/** @throws if something blocks an event loop for longer than it may, each time that it is sent */
export async function checkBlocking(whose: string, first: number, again: () => Promise<number>): Promise<void> {
  const blockMs = await leastBlockMs(first, again);
  if (blockMs > BLOCK_LIMIT_MS && blockMs > limitHere())
    throw new Error(`it blocked the ${whose}'s event loop for ${blockMs.toFixed(0)} ms`);
}

/** Sends a request. → what came back, and how long it blocked the loop */
export async function sendWatched({ port, watch }: Target, pieces: Iterable<Buffer>, options: ExchangeOptions = {}) {
  await watch.ask();
  const exchanged = await exchange(port, pieces, options);
  const { longestBlockMs } = await watch.ask();
  return { exchanged, longestBlockMs };
}

/**
 * Throws requests of one kind at an API, one after the other. → how often each status was the answer.
 *
 * @throws with the smallest request that it does not take well
 */
export async function fuzzHttp(
  target: Target,
  kind: RequestKind,
  { seed, cases }: FuzzOptions,
): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  const send = ({ pieces, isHead, isWhole }: HostileRequest) =>
    sendWatched(target, pieces, { isHead, ...(!isWhole && { silenceMs: SILENCE_MS }) });
  await fc.assert(
    fc.asyncProperty(HOSTILE_REQUESTS[kind].map(withText), async (request) => {
      const { exchanged, longestBlockMs } = await send(request);
      for (const { status } of exchanged.answers) statuses[status] = (statuses[status] ?? 0) + 1;
      const found = judgeAnswers(request, exchanged);
      if (found !== undefined) throw new Error(found);
      await checkBlocking("API", longestBlockMs, async () => (await send(request)).longestBlockMs);
    }),
    { seed, numRuns: cases, endOnFailure: kind === "large" },
  );
  return statuses;
}

const SHOWN = 600;

/** What fast-check shows of a request: its first bytes. */
function withText(request: HostileRequest): HostileRequest {
  const text = () => {
    const shown = Buffer.concat(request.pieces);
    return `${JSON.stringify(shown.toString("latin1", 0, SHOWN))}${shown.length > SHOWN ? ` and ${shown.length - SHOWN} bytes more` : ""}`;
  };
  return Object.defineProperty(request, fc.toStringMethod, { value: text });
}
