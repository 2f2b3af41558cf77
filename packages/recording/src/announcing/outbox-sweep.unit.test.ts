import type { AnnouncementOutcome } from "@pedidos/broker";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { beforeEach, expect, test, vi } from "vitest";
import { openOutboxSweep } from "./outbox-sweep.ts";

useSimulatedClock();
const [info, warn] = [vi.fn(), vi.fn()];
beforeEach(() => {
  vi.clearAllMocks();
});

/** A sweep of an outbox whose rows are all due for another attempt, as many as there are. */
function open(rows: number) {
  const outbox = { rows, attempts: 0, outcome: "refused" as AnnouncementOutcome };
  const sweep = openOutboxSweep({
    olderThanMs: 5_000,
    async announce() {
      outbox.attempts++;
      if (outbox.outcome === "refused") sweep.noteRefusal();
      return outbox.outcome;
    },
    async sweep({ of }, announce) {
      if (of !== "due" || outbox.rows === 0) return [];
      const outcome = await announce({ outboxIds: [1], events: [] });
      if (outcome === "announced") outbox.rows--;
      return [{ outboxId: 1, outcome }];
    },
    log: { info, warn },
  });
  /** As the announcer has it, once a second. */
  async function runFor(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await sweep.run();
      await vi.advanceTimersByTimeAsync(1_000);
    }
  }
  return { outbox, runFor };
}

test("while a queue refuses, of any number of rows ever fewer are attempted, and one warning says so", async () => {
  const { outbox, runFor } = open(1_000_000);
  await runFor(600);
  expect(outbox.attempts).toBeLessThan(20);
  outbox.attempts = 0;
  await runFor(600);
  expect(outbox.attempts).toBeLessThanOrEqual(10);
  expect([warn.mock.calls.length, info.mock.calls.length]).toEqual([1, 0]);
});

test("once an attempt is taken the others follow at once, and a line says so", async () => {
  const { outbox, runFor } = open(1_000);
  await runFor(600);
  outbox.outcome = "announced";
  await runFor(61);
  expect(outbox.rows).toBe(0);
  expect([warn.mock.calls.length, info.mock.calls.length]).toEqual([1, 1]);
});
