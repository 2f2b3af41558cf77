import type { Channel, ConsumeMessage } from "amqplib";

type Outstanding = { readonly message: ConsumeMessage; settled: boolean };

/**
 * Acknowledges what one channel has delivered, once a turn of the event loop: the oldest deliveries that are all settled
 * go in one frame (a quorum queue commits each frame by itself), the others one by one. Never a tag that is not settled.
 *
 * @param wrote is called after each write.
 */
export function openAcknowledger(channel: Pick<Channel, "ack">, wrote: () => void) {
  let outstanding: Outstanding[] = [];
  let scheduled = false;
  let ended = false;

  function flush(): void {
    scheduled = false;
    if (ended) return;
    let together = 0;
    while (outstanding[together]?.settled) together++;
    const last = outstanding[together - 1];
    if (last !== undefined) channel.ack(last.message, together > 1);
    const others = outstanding.slice(together);
    for (const { message, settled } of others) if (settled) channel.ack(message);
    outstanding = others.filter(({ settled }) => !settled);
    wrote();
  }

  return {
    /** Takes a delivery in; they must come in the order of their tags, every one of the channel's. → what acknowledges it. */
    take(message: ConsumeMessage): () => void {
      const delivery: Outstanding = { message, settled: false };
      outstanding.push(delivery);
      return () => {
        if (delivery.settled || ended) return;
        delivery.settled = true;
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      };
    },
    /** Writes now what was acknowledged in this turn of the event loop. */
    flush,
    /** From now on nothing is written. → how many deliveries it leaves unacknowledged, which the broker takes back. */
    end(): number {
      ended = true;
      const left = outstanding.length;
      outstanding = [];
      return left;
    },
  };
}
