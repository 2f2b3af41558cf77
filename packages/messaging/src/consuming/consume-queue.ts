import type { ChannelModel } from "amqplib";
import { describeError } from "../connection/broker-error.ts";
import { type ConnectionOptions, openConnection } from "../connection/open-connection.ts";
import { within } from "../connection/within.ts";
import type { BrokerConsumer } from "./consumer.ts";
import { type SubscribeOptions, type Subscription, subscribe } from "./subscribe.ts";

export type QueueConsumerOptions = ConnectionOptions &
  SubscribeOptions & {
    /** The longest pause between two attempts to connect. */
    readonly lastRetryMs?: number;
    /** Declares what is consumed; on each connection, before consuming. */
    readonly prepare: (model: ChannelModel) => Promise<void>;
  };

/** How long pausing, cancelling and closing wait for the broker; then the connection is dropped, which does the same. */
const ANSWER_LIMIT_MS = 2_000;

/** Consumes one queue on a connection of its own. */
export function consumeQueue(options: QueueConsumerOptions): BrokerConsumer {
  let wanted: "consuming" | "paused" | "cancelled" = "consuming";
  let isHeld = false;
  let open: Parameters<typeof subscribe>[1] | undefined;
  let subscription: Subscription | undefined;
  let steps: Promise<void> = Promise.resolve();

  const connection = openConnection(options, {
    async opened(model, wrote) {
      await options.prepare(model);
      open = { model, wrote };
      await step();
    },
    lost() {
      open = undefined;
      subscription = undefined;
    },
  });

  /** Brings what is into line with what is wanted. */
  async function align(): Promise<void> {
    if (wanted === "paused") {
      const ended = subscription;
      subscription = undefined;
      await ended?.end();
    } else if (wanted === "cancelled" || isHeld) await subscription?.listen(false);
    else if (subscription !== undefined) await subscription.listen(true);
    else if (open !== undefined) {
      const on = open;
      const subscribed = await subscribe(options, on, connection.reset);
      if (open === on) subscription = subscribed;
    }
  }
  /** Aligns once the steps before it are taken. */
  function step(): Promise<void> {
    const next = steps.then(align);
    steps = next.catch(() => {});
    return next;
  }
  async function stepInTime(): Promise<void> {
    if (!(await within(ANSWER_LIMIT_MS, step()))) connection.reset(new Error("the broker does not answer"));
  }
  function consumeAgain(): void {
    step().catch((error: unknown) => connection.reset(new Error(`could not consume again: ${describeError(error)}`)));
  }

  return {
    status: () =>
      open !== undefined && (wanted !== "consuming" || isHeld || subscription !== undefined) ? "up" : "down",
    async pause() {
      if (wanted === "cancelled") return;
      wanted = "paused";
      await stepInTime();
    },
    resume() {
      if (wanted !== "paused") return;
      wanted = "consuming";
      consumeAgain();
    },
    async hold(held) {
      isHeld = held;
      if (held) await stepInTime();
      else consumeAgain();
    },
    async cancel() {
      wanted = "cancelled";
      await stepInTime();
    },
    async close() {
      wanted = "cancelled";
      // A connection's close overtakes what its channels have yet to write; a channel's does not.
      if (subscription !== undefined) await within(ANSWER_LIMIT_MS, subscription.end());
      await connection.close();
    },
  };
}
