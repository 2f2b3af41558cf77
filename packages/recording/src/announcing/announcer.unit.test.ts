import type { RecordingBroker } from "@pedidos/broker";
import { recordedEvent } from "@pedidos/contract";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { expect, test, vi } from "vitest";
import { openAnnouncer } from "./announcer.ts";

useSimulatedClock();

const log = { debug() {}, info() {}, warn() {}, error() {} };
const announcement = {
  outboxIds: [7],
  events: [
    recordedEvent({ orderId: 5, customerId: 1, total: "1.00", itemCount: 1, recordedAt: "2026-11-25T12:00:00Z" }),
  ],
};

/** An announcer whose broker is down until the test says otherwise; → what it has published, and what it swept. */
function open() {
  const broker: {
    status: ReturnType<RecordingBroker["status"]>;
    published: number;
    sweeps: number;
    deleted: number[];
  } = {
    status: "down",
    published: 0,
    sweeps: 0,
    deleted: [],
  };
  const announcer = openAnnouncer({
    mayWrite: () => true,
    store: {
      async deleteAnnounced(ids) {
        broker.deleted.push(...ids);
      },
      async postponeRefused() {},
      async sweep() {
        broker.sweeps++;
        return [];
      },
    },
    broker: {
      status: () => broker.status,
      async announce() {
        if (broker.status !== "up") return "unavailable";
        broker.published++;
        return "announced";
      },
    },
    log,
  });
  return { announcer, broker };
}

test("an order recorded before the publisher is up is announced within a second after that, once", async () => {
  const { announcer, broker } = open();
  announcer.announce(announcement);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(broker.published).toBe(0);
  broker.status = "up";
  await vi.advanceTimersByTimeAsync(1_000);
  expect(broker.published).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(broker).toMatchObject({ published: 1, deleted: [7] });
});

test("an event that has waited for so long that a sweep may take it is left to the sweep", async () => {
  const { announcer, broker } = open();
  announcer.announce(announcement);
  await vi.advanceTimersByTimeAsync(4_500);
  broker.status = "up";
  await vi.advanceTimersByTimeAsync(3_000);
  expect(broker).toMatchObject({ published: 0, deleted: [] });
  expect(broker.sweeps).toBeGreaterThan(0);
});
