import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openStreamingClient } from "../stream-batch.ts";
import { openCase } from "./open-case.ts";

/**
 * On a busy machine this process itself leaves a connection idle: the server may close one that was idle for 250 ms, and a
 * request may be in flight then.
 */
const STALLED_MS = 100;

/** Orders, of two consumers that were ended. */
const MOST_TAKEN_BACK = 400;

/** → measures for how many milliseconds at most this process was busy with something else in the last second. */
function watchStalls(): () => number {
  const stalls: { at: number; ms: number }[] = [];
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    stalls.push({ at: now, ms: now - last - 20 });
    last = now;
  }, 20);
  onTestFinished(() => clearInterval(timer));
  return () =>
    Math.max(0, Date.now() - last, ...stalls.filter(({ at }) => at > Date.now() - 1_000).map(({ ms }) => ms));
}

test("11: every process is ended and started in turn under load: no request fails, each ends with 0, nothing in flight is handed back", async () => {
  const current = await openCase();
  const { system, newOrder, newOrders, operations, record, openHttp, watch } = current;
  await watch();
  // What is delivered twice goes by the spool, and has been tried then. What a consumer was handed must not be; but the
  // broker takes back what it sends while it ends a consumer (rabbitmq-server#3729), a message or two of many orders.
  const database = await current.connect();
  await database.query(`create table came_back (body bytea);
    create function note() returns trigger language plpgsql as
      $$ begin insert into came_back values (new.body); return new; end $$;
    create trigger note after insert on spool for each row when (new.tries > 0) execute function note()`);
  const producer = await current.openProducer();
  let ending = false;
  const failures: string[] = [];
  let unavailable = 0;
  const longestStallMs = watchStalls();

  /**
   * As behind a balancer: a client that is refused a connection, or asked to retry, goes to the other API. Each has a
   * connection of its own that is never idle: an idle one may be closed at any time, also as a request leaves for it.
   */
  async function client(road: "single" | "wait" | "batch", first: number): Promise<void> {
    const own = [system.apps.api1, system.apps.api2].map(openHttp);
    while (!ending) {
      const lines = road === "batch" ? newOrders(100) : [newOrder()];
      for (let attempt = 0; ; attempt++) {
        const outcome = await own[(first + attempt) % 2]?.submit(road, lines);
        if (outcome === undefined) throw new Error("no client");
        if (outcome.kind === "answered" && (outcome.status < 300 || outcome.status === 409)) break;
        const isUnavailable = outcome.kind === "answered" && outcome.status === 503;
        const isRefused = outcome.kind === "closed" && outcome.reason.includes("ECONNREFUSED");
        if (isUnavailable && road !== "batch") unavailable++;
        else if (!isUnavailable && !isRefused && longestStallMs() < STALLED_MS)
          failures.push(JSON.stringify([road, longestStallMs(), outcome]));
        if (attempt > 20) break;
        await wait(50);
      }
      await wait(30);
    }
  }
  /** Each batch to the other API, so that some are under way whenever a process is asked to stop. */
  const partial: unknown[] = [];
  async function stream(first: number): Promise<void> {
    const own = [system.apps.api1, system.apps.api2].map((api) => openStreamingClient(api, record));
    for (const { close } of own) onTestFinished(close);
    for (let round = first; !ending; round++) {
      const lines = newOrders(60);
      const outcome = await own[round % 2]?.submit(lines);
      if (outcome?.kind === "closed" && outcome.reason.includes("ECONNREFUSED")) {
        await wait(50);
        continue;
      }
      const answer: unknown = outcome?.kind === "answered" ? JSON.parse(outcome.body) : undefined;
      const status = outcome?.kind === "answered" ? outcome.status : undefined;
      if (status === 503) partial.push(answer);
      if (status === 200) expect(answer).toEqual({ accepted: 60, rejected: 0, errors: [] });
      else if (status !== 503) failures.push(JSON.stringify(["stream", outcome]));
    }
  }
  async function produce(): Promise<void> {
    while (!ending) {
      await producer.submit(newOrders(20), "\n");
      await wait(20);
    }
  }
  const load = [
    ...Array.from({ length: 6 }, (_, index) => client("single", index)),
    ...Array.from({ length: 4 }, (_, index) => client("wait", index)),
    client("batch", 0),
    client("batch", 1),
    stream(0),
    stream(1),
    produce(),
  ];
  await wait(1_000);
  for (const app of Object.values(system.apps)) {
    await app.terminate();
    expect(app.tail()).not.toContain("handing back");
    await app.start();
    await app.ready();
  }
  ending = true;
  await Promise.all(load);
  await producer.close();
  await current.expectSound();
  expect(failures).toEqual([]);
  // Only if the machine is too slow for both roads.
  expect(unavailable).toBeLessThan(operations.length / 100);
  expect(partial.length).toBeGreaterThan(1);
  for (const answer of partial) expect(answer).toMatchObject({ accepted: expect.any(Number), rejected: 0, errors: [] });
  const { rows } = await database.query<{ spent: number }>("select count(*)::int as spent from came_back");
  expect(rows[0]?.spent).toBeLessThan(MOST_TAKEN_BACK);
  expect(operations.length).toBeGreaterThan(200);
}, 180_000);
