import type { Delivery, PublishOutcome, RecordingBroker } from "@pedidos/broker";
import { announcingBy, type OutgoingMessage } from "@pedidos/messaging";
import { call, type Life, type Queued, type World } from "./simulated-world.ts";

export type SimulatedBroker = RecordingBroker & {
  readonly publish: (message: OutgoingMessage) => Promise<PublishOutcome>;
  readonly unconfirmed: () => number;
  /** Delivers the oldest message, if one is wanted. → whether it did. */
  readonly deliver: () => boolean;
  /** The channel is lost: unacknowledged messages are delivered again. */
  readonly lose: () => void;
  readonly unacknowledged: () => number;
  /** Whether it delivers no more for now. */
  readonly isPaused: () => boolean;
};

export const PREFETCH = 8;

/** The broker as one process sees it. @param isSafe whether what a message holds is durable elsewhere */
export function simulatedBroker(world: World, life: Life, isSafe: (message: Queued) => boolean): SimulatedBroker {
  let unacknowledged: Queued[] = [];
  /** Frames that are written and have not arrived: never on another channel, and before what a pause or a close writes. */
  let acknowledging: Queued[] = [];
  let channel = {};
  let state: "unopened" | "consuming" | "paused" | "cancelled" = "unopened";
  let isHeld = false;
  let onDelivery: ((delivery: Delivery) => void) | undefined;
  let isPublisherClosed = false;
  const publishing = new Set<Promise<unknown>>();

  function lose(): void {
    world.queue.unshift(...unacknowledged);
    unacknowledged = [];
    acknowledging = [];
    channel = {};
  }

  function acknowledge(message: Queued, on: object): void {
    if (channel !== on || acknowledging.includes(message)) return;
    acknowledging.push(message);
    void world.scheduler.schedule(Promise.resolve(), "acknowledge").then(() => {
      if (channel === on) arrive(message);
    });
  }

  function arrive(message: Queued): void {
    if (!unacknowledged.includes(message)) return;
    unacknowledged = unacknowledged.filter((one) => one !== message);
    if (!isSafe(message)) world.findings.push(`acknowledged before it was safe: ${message.body}`);
  }

  async function handBack(next: typeof state): Promise<void> {
    state = next;
    acknowledging.forEach(arrive);
    lose();
  }

  async function publish({ body, routingKey }: OutgoingMessage): Promise<PublishOutcome> {
    if (isPublisherClosed) return "unavailable";
    function take(): PublishOutcome {
      for (const { id } of JSON.parse(Buffer.from(body).toString())) hear(world, routingKey, id);
      return world.isQueueFull ? "refused" : "confirmed";
    }
    const called = call(world, life, "publish", take, { needsDatabase: false }).catch(() => "unavailable" as const);
    publishing.add(called);
    return await called.finally(() => publishing.delete(called));
  }

  return {
    ...announcingBy(publish),
    publish,
    unconfirmed: () => publishing.size,
    status: () => (isPublisherClosed ? "down" : "up"),
    depths: async () => undefined,
    async close() {
      isPublisherClosed = true;
      await Promise.all(publishing);
    },
    consume(deliver) {
      onDelivery = deliver;
      state = "consuming";
      return {
        status: () => "up",
        async pause() {
          if (state !== "cancelled") await handBack("paused");
        },
        resume() {
          if (state === "paused" && !life.isOver) state = "consuming";
        },
        async hold(held) {
          isHeld = held;
        },
        async cancel() {
          state = "cancelled";
        },
        close: () => handBack("cancelled"),
      };
    },
    deliver() {
      if (state !== "consuming" || isHeld || life.isOver || unacknowledged.length >= PREFETCH) return false;
      const message = world.queue.shift();
      if (message === undefined) return false;
      unacknowledged.push(message);
      const on = channel;
      onDelivery?.({
        queue: "orders.intake",
        source: "orders.intake",
        body: message.body,
        contentType: message.contentType,
        redelivered: message.wasDelivered,
        awaited: message.isAwaited,
        acknowledge: () => acknowledge(message, on),
      });
      message.wasDelivered = true;
      return true;
    },
    lose,
    unacknowledged: () => unacknowledged.length,
    isPaused: () => state !== "consuming",
  };
}

/** Subscribers get an event: never of an order that is not committed. */
function hear(world: World, kind: string, id: unknown): void {
  const name = String(id);
  const number = Number(name.slice(kind.length + 1));
  const isCommitted =
    kind === "order.recorded"
      ? world.orders.has(number)
      : [...world.rejections.values()].some(({ rejectionId }) => rejectionId === number);
  if (!isCommitted) world.findings.push(`announced before its commit: ${name}`);
  world.heard.add(name);
  if (!world.isQueueFull) world.heardByFull.add(name);
}
