import type { ChannelModel, ConsumeMessage } from "amqplib";
import { closeChannel, onClosed, openChannel } from "../connection/open-channel.ts";
import type { BrokerConnection, ConnectionOptions } from "../connection/open-connection.ts";
import { openAcknowledger } from "./open-acknowledger.ts";

export type SubscribeOptions = Pick<ConnectionOptions, "log"> & {
  readonly queue: string;
  readonly prefetch: number;
  /** `acknowledge` acknowledges this one message; it does nothing once its channel is gone, or a second time. */
  readonly onMessage: (message: ConsumeMessage, acknowledge: () => void) => void;
};

export type Subscription = Awaited<ReturnType<typeof subscribe>>;

/**
 * Subscribes to a queue on a channel of its own. A channel that the broker closes or a consumer that it cancels resets the
 * connection: the next one declares and subscribes again, the same way as after any other failure.
 */
export async function subscribe(
  { queue, prefetch, onMessage, log }: SubscribeOptions,
  { model, wrote }: { readonly model: ChannelModel; readonly wrote: () => void },
  reset: BrokerConnection["reset"],
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
      else onMessage(message, acknowledger.take(message));
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
    /** Flushes what was acknowledged and hands back the rest. */
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
