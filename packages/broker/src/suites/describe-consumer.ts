import { describe, expect, test } from "vitest";
import type { BrokerConsumer, Delivery } from "../recording-broker.ts";

/** A queue and those who consume it, real or not. */
export type ConsumerSubject = {
  /** Puts messages into the queue. */
  readonly send: (...texts: readonly string[]) => Promise<void>;
  /** Opens a consumer of the queue; one at a time. */
  readonly consume: (onDelivery: (delivery: Delivery) => void) => BrokerConsumer;
  /** Awaits a condition; a simulation takes its steps meanwhile. */
  readonly until: (condition: () => boolean) => Promise<void>;
  /** Waits until nothing more comes by itself. */
  readonly untilQuiet: () => Promise<void>;
  /** Takes out what the queue holds, oldest first; no consumer is open. */
  readonly takeLeft: () => Promise<readonly string[]>;
  /** The connection of the consumer is lost; another follows. */
  readonly lose: () => void | Promise<void>;
};

/** Where consumers differ. */
export type ConsumerTraits = {
  /** How many messages may be unacknowledged; left out if that is not bounded. */
  readonly prefetch?: number;
  /** Whether it is opened for messages that are there by then, which are acknowledged together or not at all. */
  readonly isOneBatch?: boolean;
};

const texts = (deliveries: readonly Delivery[]) => deliveries.map(({ body }) => String(body));
const flags = (deliveries: readonly Delivery[]) => new Set(deliveries.map(({ redelivered }) => redelivered));

/**
 * Has vitest check what every consumer promises: the one on RabbitMQ, that of an event, and that of the simulation.
 *
 * @param open is called in each test
 */
export function describeConsumer(
  name: string,
  open: () => Promise<ConsumerSubject>,
  { prefetch, isOneBatch = false }: ConsumerTraits = {},
): void {
  /** A queue with these messages, and a consumer that is not held any more, as with every recorder once it may record. */
  async function consuming(...sent: readonly string[]) {
    const subject = await open();
    await subject.send(...sent);
    function consume() {
      const received: Delivery[] = [];
      const consumer = subject.consume((delivery) => void received.push(delivery));
      void consumer.hold(true);
      void consumer.hold(false);
      const untilReceived = (count: number) => subject.until(() => received.length >= count);
      return { consumer, received, untilReceived };
    }
    return { ...subject, consume, ...consume() };
  }

  describe(`${name}, as a consumer,`, () => {
    test("delivers in order, each message once", async () => {
      const { received, untilReceived, untilQuiet } = await consuming("a", "b", "c");
      await untilReceived(3);
      await untilQuiet();
      expect(texts(received)).toEqual(["a", "b", "c"]);
      expect(flags(received)).toEqual(new Set([false]));
    });

    test.each(["cancelled", "closed"])("delivers nothing where it is %s while it is held", async (how) => {
      const { send, consume, untilQuiet, takeLeft } = await open();
      await send("a");
      const received: Delivery[] = [];
      const consumer = consume((delivery) => void received.push(delivery));
      void consumer.hold(true);
      await untilQuiet();
      await (how === "cancelled" ? consumer.cancel() : consumer.close());
      void consumer.hold(false);
      await untilQuiet();
      expect(received).toEqual([]);
      if (how === "cancelled") await consumer.close();
      expect(await takeLeft()).toEqual(["a"]);
    });

    test("never delivers again what was acknowledged, however often", async () => {
      const { consumer, received, untilReceived, takeLeft } = await consuming("a", "b");
      await untilReceived(2);
      for (const { acknowledge } of [...received, ...received]) acknowledge();
      await consumer.close();
      expect(await takeLeft()).toEqual([]);
    });

    test("hands back unacknowledged messages when it closes; they are redelivered, in order, and marked", async () => {
      const { consumer, received, untilReceived, takeLeft, consume } = await consuming("a", "b", "c");
      await untilReceived(3);
      await consumer.close();
      for (const { acknowledge } of received) acknowledge();
      const again = consume();
      await again.untilReceived(3);
      expect(texts(again.received)).toEqual(["a", "b", "c"]);
      expect(flags(again.received)).toEqual(new Set([true]));
      for (const { acknowledge } of again.received) acknowledge();
      await again.consumer.close();
      expect(await takeLeft()).toEqual([]);
    });

    test("delivers nothing new after it is cancelled, by any call; what came may be acknowledged", async () => {
      const { consumer, received, untilReceived, untilQuiet, send, takeLeft } = await consuming("a", "b");
      await untilReceived(2);
      await consumer.cancel();
      for (const { acknowledge } of received) acknowledge();
      if (!isOneBatch) await send("c");
      consumer.resume();
      void consumer.hold(false);
      await untilQuiet();
      expect(texts(received)).toEqual(["a", "b"]);
      await consumer.close();
      expect(await takeLeft()).toEqual(isOneBatch ? [] : ["c"]);
    });
  });

  if (!isOneBatch)
    describe(`${name}, as a consumer that goes on,`, () => {
      test("hands back only what was not acknowledged when it closes", async () => {
        const { consumer, received, untilReceived, takeLeft } = await consuming("a", "b", "c", "d");
        await untilReceived(4);
        received[2]?.acknowledge();
        received[0]?.acknowledge();
        await consumer.close();
        expect(await takeLeft()).toEqual(["b", "d"]);
      });

      test("hands back unacknowledged messages on a pause; then they are redelivered, in order, marked", async () => {
        const { consumer, received, untilReceived, untilQuiet, takeLeft } = await consuming("a", "b", "c");
        await untilReceived(3);
        received[0]?.acknowledge();
        await consumer.pause();
        for (const { acknowledge } of received) acknowledge();
        await untilQuiet();
        expect(received).toHaveLength(3);
        consumer.resume();
        await untilReceived(5);
        expect(texts(received.slice(3))).toEqual(["b", "c"]);
        expect(flags(received.slice(3))).toEqual(new Set([true]));
        for (const { acknowledge } of received.slice(3)) acknowledge();
        await consumer.close();
        expect(await takeLeft()).toEqual([]);
      });

      test("delivers nothing new while it is held, and costs what came no delivery", async () => {
        const { consumer, received, untilReceived, untilQuiet, send, takeLeft } = await consuming("a", "b");
        await untilReceived(2);
        await consumer.hold(true);
        await send("c");
        received[0]?.acknowledge();
        await untilQuiet();
        expect(texts(received)).toEqual(["a", "b"]);
        void consumer.hold(false);
        await untilReceived(3);
        expect(flags(received)).toEqual(new Set([false]));
        for (const { acknowledge } of received) acknowledge();
        await consumer.close();
        expect(await takeLeft()).toEqual([]);
      });

      test("stays paused when it is held and then is not", async () => {
        const { consumer, received, untilReceived, untilQuiet } = await consuming("a");
        await untilReceived(1);
        await consumer.pause();
        await consumer.hold(true);
        void consumer.hold(false);
        await untilQuiet();
        expect(received).toHaveLength(1);
        consumer.resume();
        await untilReceived(2);
      });

      test("delivers again, and says so, when its connection was lost; what came before can't be acknowledged any more", async () => {
        const { consumer, received, untilReceived, lose, takeLeft } = await consuming("a", "b");
        await untilReceived(2);
        await lose();
        await untilReceived(4);
        for (const { acknowledge } of received.slice(0, 2)) acknowledge();
        expect(texts(received.slice(2))).toEqual(["a", "b"]);
        expect(flags(received.slice(2))).toEqual(new Set([true]));
        await consumer.close();
        expect(await takeLeft()).toEqual(["a", "b"]);
      });

      if (prefetch !== undefined)
        test("delivers no more than its prefetch before something is acknowledged", async () => {
          const most = prefetch ?? 0;
          const sent = Array.from({ length: most + 3 }, (_, index) => String(index));
          const { received, untilReceived, untilQuiet } = await consuming(...sent);
          await untilReceived(most);
          await untilQuiet();
          expect(texts(received)).toEqual(sent.slice(0, most));
          received[1]?.acknowledge();
          await untilReceived(most + 1);
          await untilQuiet();
          expect(texts(received)).toEqual(sent.slice(0, most + 1));
        });
    });
}
