import type { Failure, Interrupted } from "@pedidos/persistence";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { expect, test, vi } from "vitest";
import type { Line } from "../lines/line.ts";
import { openProtocol } from "./open-protocol.ts";
import { performEffects } from "./perform-effects.ts";

useSimulatedClock();

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const lost: Failure = { kind: "connection_lost", code: "LostConnection", isPerOrder: false };
const answered: Failure = { kind: "back_off", code: "42501", isPerOrder: false };

function line(name: string, spoolId?: number): Line {
  return { source: "http", body: Buffer.from(name), tries: 0, settle: vi.fn(), ...(spoolId && { spoolId }) };
}

/** The protocol over a database that answers; its calls can be delayed or made to fail. */
function open({ waiting = [] as Line[] } = {}) {
  const calls: string[] = [];
  const store = {
    spool: vi.fn(async (rows: readonly { body: Uint8Array; suspect?: boolean }[]) => {
      calls.push(`spool ${rows.map(({ body, suspect }) => `${body}${suspect ? " suspect" : ""}`)}`);
    }),
    release: vi.fn(async (ids: readonly number[], was: Interrupted) => {
      calls.push(`release ${ids} ${was}`);
    }),
    classify: () => lost,
  };
  const probe = vi.fn(async () => {});
  const broker = { pause: vi.fn(async () => {}), resume: vi.fn() };
  const protocol = openProtocol();
  const forgetPending = () => waiting.splice(0);
  const effects = performEffects(protocol, { store, probe, forgetPending, consumer: broker, log });
  /** As a loop does: what was in flight fails. */
  const stall = (lines: readonly Line[], failure = lost) => {
    protocol.report({ kind: "batch_started" });
    protocol.report({ kind: "batch_stalled", lines, failure });
  };
  const stallAlone = (lines: readonly Line[], failure = lost) => {
    protocol.report({ kind: "alone_started" });
    protocol.report({ kind: "alone_stalled", lines, failure });
  };
  const over = async () => {
    const ended = protocol.until(({ outage }) => outage === undefined);
    await vi.advanceTimersByTimeAsync(5_000);
    await ended;
  };
  return { protocol, effects, store, probe, broker, calls, stall, stallAlone, over };
}

test("deliveries move to the spool, rows are released: only a try alone is counted", async () => {
  const { over, stall, stallAlone, calls } = open();
  const delivered = line("a");
  stall([delivered, line("b", 1)]);
  stallAlone([line("c", 2)]);
  await over();
  expect(calls).toEqual(["release 1 interrupted", "release 2 tried_alone", "spool a suspect"]);
  expect(delivered.settle).toHaveBeenCalledTimes(1);
});

test("an answered line is no suspect and counts as no try; a suspect stays one", async () => {
  const { over, stall, stallAlone, calls } = open();
  stall([line("a"), line("b", 1)], answered);
  stallAlone([line("c", 2)], answered);
  await over();
  expect(calls).toEqual(["release 1 untried", "release 2 interrupted", "spool a"]);
});

test("lines that stall while others are dealt with are dealt with too", async () => {
  const { protocol, over, stall, store, calls } = open();
  const late = line("late");
  store.spool.mockImplementationOnce(async (rows) => {
    calls.push(`spool ${rows.map(({ body }) => String(body))}`);
    protocol.report({ kind: "call_failed", lines: [late], failure: lost });
  });
  stall([line("a")]);
  await over();
  expect(calls).toEqual(["spool a", "spool late"]);
  expect(late.settle).toHaveBeenCalledTimes(1);
});

test("a database that goes away in the middle has no row released twice", async () => {
  const { over, stall, stallAlone, store, probe, calls } = open();
  probe.mockImplementationOnce(async () => {
    store.release.mockImplementationOnce(async (ids) => {
      calls.push(`release ${ids} interrupted`);
      store.release.mockImplementationOnce(() => Promise.reject(new Error("gone")));
    });
  });
  stall([line("b", 1)]);
  stallAlone([line("c", 2)]);
  await over();
  expect(calls).toEqual(["release 1 interrupted", "release 2 tried_alone"]);
});

test("a long outage hands deliveries back, and releases, as if unclaimed, the rows that waited", async () => {
  const waiting = [line("w", 7)];
  const { over, stall, probe, calls, broker } = open({ waiting });
  const delivered = line("a");
  probe.mockImplementationOnce(async () => {
    vi.advanceTimersByTime(6_000);
    throw new Error("gone");
  });
  stall([delivered]);
  await over();
  expect([broker.pause.mock.calls.length, broker.resume.mock.calls.length]).toEqual([1, 1]);
  expect(calls).toEqual(["release 7 untried"]);
  expect(delivered.settle).toHaveBeenCalledTimes(1);
});

test("stopped, it probes no more", async () => {
  const { protocol, effects, stall, probe } = open();
  stall([line("a")]);
  effects.stop();
  await vi.advanceTimersByTimeAsync(300);
  expect(probe).not.toHaveBeenCalled();
  expect(protocol.state().outage).toBeDefined();
});
