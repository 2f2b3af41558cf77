import { describe, expect, test } from "vitest";
import type { PublishOutcome } from "../intake-broker.ts";

/** A publisher and the queue behind it, real or not. */
export type PublisherSubject = {
  /** Publishes a message for the queue: a number, as text. */
  readonly publish: (text: string) => Promise<PublishOutcome>;
  readonly unconfirmed: () => number;
  readonly close: () => Promise<void>;
  /** Takes out what the queue holds, oldest first. */
  readonly takeKept: () => Promise<readonly string[]>;
  /** Awaits a promise; a simulation takes its steps meanwhile. */
  readonly settled: <Value>(promise: Promise<Value>) => Promise<Value>;
  /** The queue refuses the next message. */
  readonly refuseNext: () => void | Promise<void>;
  /** The connection is lost; another follows. */
  readonly lose: () => void | Promise<void>;
  /** The queue is gone. Left out if nothing is ever unroutable. */
  readonly removeQueue?: () => void | Promise<void>;
};

/** What a publisher may leave out, and of what size its window is. */
export type PublisherTraits = {
  /** How many messages may be unconfirmed; left out if that is not bounded. */
  readonly window?: number;
  readonly hasUnroutable?: boolean;
};

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

/**
 * Has vitest check what every publisher promises: the one on RabbitMQ, and those that stand for it in simulations.
 *
 * @param open is called in each test
 */
export function describePublisher(
  name: string,
  open: () => Promise<PublisherSubject>,
  { window, hasUnroutable = true }: PublisherTraits = {},
): void {
  describe(`${name}, as a publisher,`, () => {
    test("keeps what it confirms, in the order in which it was published", async () => {
      const { publish, settled, takeKept, unconfirmed } = await open();
      const outcomes = numbers(5).map(publish);
      expect(unconfirmed()).toBe(5);
      expect(await settled(Promise.all(outcomes))).toEqual(Array(5).fill("confirmed"));
      expect(unconfirmed()).toBe(0);
      expect(await takeKept()).toEqual(numbers(5));
    });

    test("says which message was refused, and goes on", async () => {
      const { publish, settled, takeKept, refuseNext } = await open();
      expect(await settled(publish("1"))).toBe("confirmed");
      await refuseNext();
      expect(await settled(publish("2"))).toBe("refused");
      expect(await settled(publish("3"))).toBe("confirmed");
      expect(await takeKept()).toEqual(["1", "3"]);
    });

    if (hasUnroutable)
      test("says what found no queue, and has the queue again soon after", async () => {
        const { publish, settled, takeKept, removeQueue } = await open();
        await removeQueue?.();
        expect(await settled(publish("1"))).toBe("unroutable");
        expect(await settled(publishUntilConfirmed(publish))).toBe("confirmed");
        expect(await takeKept()).toEqual(["2"]);
      });

    test("settles messages in flight when the connection is lost, keeps confirmed ones, and recovers", async () => {
      const { publish, settled, takeKept, lose } = await open();
      const outcomes = numbers(5).map(publish);
      await lose();
      const settledAs = await settled(Promise.all(outcomes));
      for (const outcome of settledAs) expect(["confirmed", "unavailable"]).toContain(outcome);
      const confirmed = numbers(5).filter((_, index) => settledAs[index] === "confirmed");
      expect(await takeKept()).toEqual(expect.arrayContaining(confirmed));
      expect(await settled(publishUntilConfirmed(publish))).toBe("confirmed");
    });

    if (window !== undefined)
      test("takes no more than its window, and says so at once", async () => {
        const most = window ?? 0;
        const { publish, settled, takeKept } = await open();
        const outcomes = numbers(most + 3).map(publish);
        expect(await Promise.all(outcomes.slice(most))).toEqual(Array(3).fill("unavailable"));
        expect(await settled(Promise.all(outcomes))).toEqual([
          ...Array(most).fill("confirmed"),
          ...Array(3).fill("unavailable"),
        ]);
        expect(await takeKept()).toEqual(numbers(most));
      });

    test("settles what is in flight before it closes, and publishes nothing after", async () => {
      const { publish, settled, takeKept, close } = await open();
      const outcomes = numbers(3).map(publish);
      await settled(close());
      expect(await settled(Promise.all(outcomes))).toEqual(Array(3).fill("confirmed"));
      expect(await settled(publish("4"))).toBe("unavailable");
      expect(await takeKept()).toEqual(numbers(3));
    });
  });
}

/** A real broker needs a moment to be there again. */
async function publishUntilConfirmed(publish: PublisherSubject["publish"]): Promise<PublishOutcome> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const outcome = await publish("2");
    if (outcome === "confirmed") return outcome;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return "unavailable";
}
