import type { Socket } from "node:net";
import type { ChannelModel, ConsumeMessage } from "amqplib";
import { corkWrites } from "../connection/cork-writes.ts";
import { describeError } from "../connection/describe-error.ts";
import { closeChannel, openChannel } from "../connection/open-channel.ts";
import {
  type BrokerConnection,
  type ConnectionOptions,
  openConnection,
  within,
} from "../connection/open-connection.ts";
import { openAcknowledger } from "./open-acknowledger.ts";

/** A message and the way to settle it. */
export type Received = {
  readonly message: ConsumeMessage;
  /** Acknowledges this one message on the channel that delivered it; does nothing once that is gone, or a second time. */
  readonly acknowledge: () => void;
};

export type QueueConsumer = {
  readonly status: () => "up" | "down";
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  readonly hold: (held: boolean) => Promise<void>;
  readonly cancel: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type QueueConsumerOptions = ConnectionOptions & {
  readonly queue: string;
  readonly prefetch: number;
  /** Declares what is consumed; on each connection, before consuming. */
  readonly prepare: (model: ChannelModel) => Promise<void>;
  readonly onReceived: (received: Received) => void;
};

/** How long pausing, cancelling and closing wait for the broker; then the connection is dropped, which does the same. */
const ANSWER_LIMIT_MS = 2_000;
const HANDED_BACK = "handing back what is not finished";

type Subscription = {
  /** Takes deliveries, or no more; what came may still be acknowledged. */
  readonly listen: (wanted: boolean) => Promise<void>;
  readonly end: () => Promise<void>;
};

/**
 * Consumes one queue on a connection of its own. A channel that the broker closes or a consumer that it cancels takes the
 * connection with it, so that one road leads back: the next connection declares and subscribes again.
 */
export function consumeQueue(options: QueueConsumerOptions): QueueConsumer {
  let wanted: "consuming" | "paused" | "cancelled" = "consuming";
  let held = false;
  let open: { model: ChannelModel; socket: Socket } | undefined;
  let subscription: Subscription | undefined;
  let steps: Promise<void> = Promise.resolve();

  const connection = openConnection(options, {
    async opened(model, socket) {
      await options.prepare(model);
      open = { model, socket };
      await step();
    },
    lost() {
      open = undefined;
      subscription = undefined;
    },
  });

  /** Brings what is into line with what is wanted, one step after the other. */
  function step(): Promise<void> {
    const next = steps.then(async () => {
      if (wanted === "paused") {
        const ended = subscription;
        subscription = undefined;
        await ended?.end();
      } else if (wanted === "cancelled" || held) await subscription?.listen(false);
      else if (subscription !== undefined) await subscription.listen(true);
      else if (open !== undefined) {
        const { model, socket } = open;
        const subscribed = await subscribe(options, connection, { model, socket });
        if (open?.model === model) subscription = subscribed;
      }
    });
    steps = next.catch(() => {});
    return next;
  }
  async function stepInTime(): Promise<void> {
    const done = step();
    if (!(await within(ANSWER_LIMIT_MS, done))) connection.reset(new Error("the broker does not answer"));
  }

  function goOn(): void {
    step().catch((error: unknown) => connection.reset(new Error(`could not consume again: ${describeError(error)}`)));
  }

  return {
    status: () =>
      open !== undefined && (wanted !== "consuming" || held || subscription !== undefined) ? "up" : "down",
    async pause() {
      if (wanted === "cancelled") return;
      wanted = "paused";
      await stepInTime();
    },
    resume() {
      if (wanted !== "paused") return;
      wanted = "consuming";
      goOn();
    },
    async hold(wantsHeld) {
      held = wantsHeld;
      if (held) await stepInTime();
      else goOn();
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

type On = { readonly model: ChannelModel; readonly socket: Socket };

async function subscribe(
  { queue, prefetch, onReceived, log }: QueueConsumerOptions,
  connection: BrokerConnection,
  { model, socket }: On,
): Promise<Subscription> {
  const channel = await openChannel(model);
  const acknowledger = openAcknowledger(channel, corkWrites(socket));
  let ending = false;
  let cause: Error | undefined;
  channel.on("error", (error) => {
    cause = error;
  });
  channel.on("close", () => {
    acknowledger.end();
    const reason = cause ?? new Error("the channel was closed");
    // A connection that closes tells its channels first.
    if (!ending) queueMicrotask(() => connection.reset(reason));
  });

  function receive(message: ConsumeMessage): void {
    const acknowledge = acknowledger.take(message);
    try {
      onReceived({ message, acknowledge });
    } catch (error) {
      // A fault of the program: amqplib would take it for the channel's.
      process.nextTick(() => {
        throw error;
      });
    }
  }

  await channel.prefetch(prefetch);
  let consumerTag: string | undefined;
  async function listen(wanted: boolean): Promise<void> {
    const tag = consumerTag;
    if (wanted === (tag !== undefined)) return;
    consumerTag = undefined;
    if (tag !== undefined) await channel.cancel(tag);
    else
      ({ consumerTag } = await channel.consume(queue, (message) => {
        if (message === null) connection.reset(new Error(`the broker cancelled the consumer of ${queue}`));
        else receive(message);
      }));
  }
  await listen(true);
  return {
    listen,
    async end() {
      acknowledger.flush();
      const deliveries = acknowledger.end();
      if (deliveries > 0) log.warn({ queue, deliveries }, HANDED_BACK);
      ending = true;
      await listen(false);
      await closeChannel(channel);
    },
  };
}
