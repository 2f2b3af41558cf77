import type { BrokerConsumer, Delivery } from "@pedidos/broker";
import type { OrderQueue } from "@pedidos/domain";
import type { ChannelModel, ConsumeMessage } from "amqplib";
import { describeError } from "../connection/broker-error.ts";
import { closeChannel, onClosed, openChannel } from "../connection/open-channel.ts";
import { type ConnectionOptions, openConnection } from "../connection/open-connection.ts";
import { within } from "../connection/within.ts";
import { ACCEPTED_AT, AWAITED } from "../publishing/messages.ts";
import { readTraceparents } from "../publishing/trace-headers.ts";
import { sourceOf } from "../topology/topology.ts";
import { openAcknowledger } from "./open-acknowledger.ts";

export type QueueConsumerOptions = ConnectionOptions & {
  readonly queue: OrderQueue;
  /** How many messages may be unacknowledged. */
  readonly prefetch: number;
  /** The longest pause between two attempts to connect. */
  readonly lastRetryMs?: number;
  /** Declares what is consumed; on each connection, before consuming. */
  readonly prepare: (model: ChannelModel) => Promise<void>;
  /** Must not throw: that is taken for a bug, and ends the process. */
  readonly onDelivery: (delivery: Delivery) => void;
};

type Open = { readonly model: ChannelModel; readonly wrote: () => void };

/** How long pausing, cancelling and closing wait for the broker; then the connection is dropped, which does the same. */
const ANSWER_LIMIT_MS = 2_000;
/** Holding waits longer: with the connection, deliveries in flight would be lost, and come a second time. */
const HOLD_LIMIT_MS = 10_000;

/** Consumes one queue on a connection of its own. */
export function consumeQueue(options: QueueConsumerOptions): BrokerConsumer {
  let wanted: "consuming" | "paused" | "cancelled" = "consuming";
  let isHeld = false;
  let open: Open | undefined;
  let subscription: Awaited<ReturnType<typeof subscribe>> | undefined;
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

  /** Makes the subscription what is wanted. */
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
  async function stepInTime(limitMs = ANSWER_LIMIT_MS): Promise<void> {
    if (!(await within(limitMs, step()))) connection.reset(new Error("the broker does not answer"));
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
      if (held) await stepInTime(HOLD_LIMIT_MS);
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

/**
 * Subscribes to a queue on a channel of its own. A channel that the broker closes or a consumer that it cancels resets the
 * connection: the next one declares and subscribes again, the same way as after any other failure.
 */
async function subscribe(
  { queue, prefetch, onDelivery, log }: QueueConsumerOptions,
  { model, wrote }: Open,
  reset: (reason: Error) => void,
) {
  const channel = await openChannel(model);
  const acknowledger = openAcknowledger(channel, wrote);
  let isEnding = false;
  channel.on("close", acknowledger.end);
  onClosed(channel, (reason) => {
    if (!isEnding) reset(reason);
  });

  function receive(message: ConsumeMessage | null): void {
    try {
      if (message === null) reset(new Error(`the broker cancelled the consumer of ${queue}`));
      else onDelivery(deliveryOf(queue, message, acknowledger.take(message)));
    } catch (error) {
      // A fault of the program: amqplib would take it for the channel's.
      process.nextTick(() => {
        throw error;
      });
    }
  }

  await channel.prefetch(prefetch);
  let consumerTag: string | undefined;
  /** Takes deliveries, or no more; what came may still be acknowledged. */
  async function listen(wanted: boolean): Promise<void> {
    const tag = consumerTag;
    if (wanted === (tag !== undefined)) return;
    consumerTag = undefined;
    if (tag !== undefined) await channel.cancel(tag);
    else ({ consumerTag } = await channel.consume(queue, receive));
  }
  await listen(true);
  return {
    listen,
    /** Flushes what was acknowledged and hands back the others. */
    async end(): Promise<void> {
      acknowledger.flush();
      const deliveries = acknowledger.end();
      if (deliveries > 0) log.warn({ queue, deliveries }, "handing back what is not finished");
      isEnding = true;
      await listen(false);
      await closeChannel(channel);
    },
  };
}

function deliveryOf(queue: OrderQueue, message: ConsumeMessage, acknowledge: () => void): Delivery {
  const { contentType, headers } = message.properties;
  const acceptedAt: unknown = headers?.[ACCEPTED_AT];
  const traceparents = readTraceparents(headers);
  return {
    queue,
    body: message.content,
    contentType: typeof contentType === "string" ? contentType : undefined,
    source: sourceOf(queue, headers?.source),
    redelivered: message.fields.redelivered,
    ...(typeof acceptedAt === "number" && { acceptedAt }),
    ...(traceparents !== undefined && { traceparents }),
    ...(headers?.[AWAITED] === true && { awaited: true }),
    acknowledge,
  };
}
