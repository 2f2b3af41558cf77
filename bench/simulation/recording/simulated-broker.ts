import type { Delivery, RecordingBroker } from "@pedidos/broker";
import { announcingBy, type OutgoingMessage } from "@pedidos/messaging";
import { call, type Life, type Queued, type World } from "./simulated-world.ts";

export type SimulatedBroker = RecordingBroker & {
  /** Delivers the oldest message, where one is wanted. → whether it did. */
  readonly deliver: () => boolean;
  /** The channel is lost: what is unacknowledged comes again. */
  readonly lose: () => void;
  readonly unacknowledged: () => number;
  /** Whether it was told to deliver no more for now. */
  readonly isPaused: () => boolean;
};

const PREFETCH = 8;

/** The broker as one process sees it. @param isSafe whether what a message holds is durable elsewhere */
export function simulatedBroker(world: World, life: Life, isSafe: (message: Queued) => boolean): SimulatedBroker {
  let unacknowledged: Queued[] = [];
  let channel = {};
  let isConsuming = false;
  let isHeld = false;
  let onDelivery: ((delivery: Delivery) => void) | undefined;

  function lose(): void {
    world.queue.unshift(...unacknowledged);
    unacknowledged = [];
    channel = {};
  }

  function acknowledge(message: Queued, on: object): void {
    void world.scheduler.schedule(Promise.resolve(), "acknowledge").then(() => {
      // A frame that was written may arrive after its process has ended, but never on another channel.
      if (channel !== on || !unacknowledged.includes(message)) return;
      unacknowledged = unacknowledged.filter((one) => one !== message);
      if (!isSafe(message)) world.findings.push(`acknowledged before it was safe: ${message.body}`);
    });
  }

  function publish({ body, routingKey }: OutgoingMessage) {
    return call(
      world,
      life,
      "publish",
      () => {
        for (const { id } of JSON.parse(Buffer.from(body).toString())) hear(world, routingKey, id);
        return world.isQueueFull ? ("refused" as const) : ("confirmed" as const);
      },
      { needsDatabase: false },
    ).catch(() => "unavailable" as const);
  }

  return {
    ...announcingBy(publish),
    status: () => "up",
    depths: async () => undefined,
    close: async () => {},
    consume(deliver) {
      onDelivery = deliver;
      isConsuming = true;
      return {
        status: () => "up",
        async pause() {
          isConsuming = false;
          lose();
        },
        resume() {
          isConsuming = !life.isOver;
        },
        async hold(held) {
          isHeld = held;
        },
        async cancel() {
          isConsuming = false;
        },
        async close() {
          isConsuming = false;
          lose();
        },
      };
    },
    deliver() {
      if (!isConsuming || isHeld || life.isOver || unacknowledged.length >= PREFETCH) return false;
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
    isPaused: () => !isConsuming,
  };
}

/** Subscribers hear of an event: never of what is not committed. */
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
