import { setTimeout as wait } from "node:timers/promises";
import type { Interrupted } from "@pedidos/persistence";
import { expect, test, vi } from "vitest";
import type { Line } from "./line.ts";
import { createOutage } from "./outage.ts";

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

function line(name: string, spoolId?: number): Line {
  return { source: "http", body: Buffer.from(name), tries: 0, settle: vi.fn(), ...(spoolId && { spoolId }) };
}

/** An outage over a database that answers; its calls can be held up or made to fail. */
function open({ waiting = [] as Line[] } = {}) {
  const calls: string[] = [];
  const store = {
    ping: vi.fn(async () => {}),
    spool: vi.fn(async (rows: readonly { body: Uint8Array }[]) => {
      calls.push(`spool ${rows.map(({ body }) => String(body))}`);
    }),
    release: vi.fn(async (ids: readonly number[], was: Interrupted) => {
      calls.push(`release ${ids} ${was}`);
    }),
  };
  const queue = { hold: vi.fn(), resume: vi.fn(), clear: vi.fn(() => waiting.splice(0)), quiet: async () => {} };
  const broker = { pause: vi.fn(async () => {}), resume: vi.fn() };
  const outage = createOutage({ store, queue, broker, log });
  return { outage, store, queue, broker, calls };
}
const gone = new Error("gone");

test("what the broker holds moves to the spool, rows are given back: counted only what was tried alone", async () => {
  const { outage, calls, queue } = open();
  const delivered = line("a");
  outage.begin([delivered, line("b", 1)], gone);
  outage.begin([line("c", 2)], gone, { alone: true });
  await outage.over();
  expect(calls).toEqual(["release 1 interrupted", "release 2 tried_alone", "spool a"]);
  expect(delivered.settle).toHaveBeenCalledTimes(1);
  expect(queue.resume).toHaveBeenCalledTimes(1);
});

test("lines that stall while others are dealt with are dealt with too", async () => {
  const { outage, store, calls } = open();
  const late = line("late");
  store.spool.mockImplementationOnce(async (rows) => {
    calls.push(`spool ${rows.map(({ body }) => String(body))}`);
    outage.begin([late], gone);
  });
  outage.begin([line("a")], gone);
  await outage.over();
  expect(calls).toEqual(["spool a", "spool late"]);
  expect(late.settle).toHaveBeenCalledTimes(1);
});

test("a database that goes away in the middle has no row given back twice", async () => {
  const { outage, store, calls } = open();
  store.ping.mockImplementationOnce(async () => {
    store.release.mockImplementationOnce(async (ids) => {
      calls.push(`release ${ids} interrupted`);
      store.release.mockImplementationOnce(() => Promise.reject(gone));
    });
  });
  outage.begin([line("b", 1)], gone);
  outage.begin([line("c", 2)], gone, { alone: true });
  await outage.over();
  expect(calls).toEqual(["release 1 interrupted", "release 2 tried_alone"]);
});

test("a long outage hands deliveries back, and gives back, as if unclaimed, the rows that waited", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const waiting = [line("w", 7)];
    const { outage, store, calls, broker } = open({ waiting });
    const delivered = line("a");
    store.ping.mockImplementationOnce(async () => {
      vi.advanceTimersByTime(6_000);
      throw gone;
    });
    outage.begin([delivered], gone);
    await outage.over();
    expect([broker.pause.mock.calls.length, broker.resume.mock.calls.length]).toEqual([1, 1]);
    expect(calls).toEqual(["release 7 untried"]);
    expect(delivered.settle).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test("a stopped outage ends its waits", async () => {
  const { outage, store } = open();
  store.ping.mockRejectedValue(gone);
  outage.begin([line("a")], gone);
  outage.stop();
  await Promise.race([outage.over(), wait(1_000).then(() => Promise.reject(new Error("still waits")))]);
  expect(outage.active()).toBe(true);
});
