import { setTimeout as wait } from "node:timers/promises";
import type { DeadLetter, DeadLetters } from "@pedidos/broker";
import { DEAD_LETTER_QUEUE } from "@pedidos/contract";
import type { Log } from "@pedidos/process";
import type { Channel, ConsumeMessage } from "amqplib";
import { describeError, ifRefused, replyCodes } from "../connection/broker-error.ts";
import { onConnection } from "../connection/connect-once.ts";
import { closeChannel, openChannel } from "../connection/open-channel.ts";
import { within } from "../connection/within.ts";
import { timeToSend } from "../publishing/open-large-publisher.ts";
import { deadLetterOf } from "./dead-letter.ts";

type Options = { readonly url: string; readonly name: string; readonly log: Pick<Log, "warn"> };

type Kept = { readonly deadLetter: DeadLetter; readonly remove: () => void };

/** How long all of it may take: a broker that is silent delays nobody. Receiving ends before that. */
const LIMIT_MS = 8_000;
const READING_MS = 4_000;
const RETURNING_MS = 2_000;
/** More are never shown, nor found. */
const MAX_HELD = 200;
const BACK_AT_ONCE = 32;
const NOTHING = Buffer.alloc(0);
const NONE = { kept: [], async handBack() {} };

/** The queue of dead letters, to browse and to take one away. Of all processes one at a time may: see {@link holdDeadLetters}. */
export function openDeadLetters(options: Options): DeadLetters {
  return {
    read({ count, bytes }) {
      let [shown, size] = [0, 0];
      const keep = ({ body }: DeadLetter) => {
        size += body.length;
        return shown++ < count && (shown === 1 || size <= bytes);
      };
      return holdDeadLetters(options, keep, async (kept, depth) => ({
        deadLetters: kept.map(({ deadLetter }) => deadLetter),
        depth,
      }));
    },
    take: (deadLetterId, settle) =>
      holdDeadLetters(
        options,
        (deadLetter) => deadLetter.deadLetterId === deadLetterId,
        async ([found], _, allow) => {
          if (found === undefined) return "not_found";
          // Beside the time that it needs to go back.
          allow(LIMIT_MS + timeToSend(found.deadLetter.body.length));
          if (!(await settle(found.deadLetter))) return "kept";
          found.remove();
          return "taken";
        },
      ),
  };
}

/**
 * Holds the oldest dead letters, at most 200, while `use` inspects them; those that it does not remove go back. Each time
 * on a connection of its own: the broker stops reading from those that publish while it takes no publishes. What is held
 * here no other process sees, only what is behind it; so one process at a time may hold them, or some are not seen, and
 * change places.
 *
 * @param keep whether a dead letter is handed to `use`; the bodies of the others are let go
 * @param use is handed those, oldest first, how many dead letters there are, and what extends the deadline: so long from then
 * @returns "unavailable" if the broker is away or late; what was removed may be there still
 */
async function holdDeadLetters<Result>(
  { url, name, log }: Options,
  keep: (deadLetter: DeadLetter) => boolean,
  use: (kept: readonly Kept[], depth: number, allow: (ms: number) => void) => Promise<Result>,
): Promise<Result | "unavailable"> {
  try {
    return await onConnection(url, { name: `${name} dead letters`, limitMs: LIMIT_MS }, async (model, allow) => {
      const channel = await openChannel(model);
      const depth = await depthOf(channel);
      const { kept, handBack } = depth === 0 ? NONE : await holdOldest(channel, depth, keep);
      const result = await use(kept, depth, allow).finally(handBack);
      // Its answer says that all that went before has arrived.
      await closeChannel(channel);
      return result;
    });
  } catch (error) {
    log.warn({ reason: describeError(error) }, "could not read the dead letters");
    return "unavailable";
  }
}

/** → how many there are; 0 if there is no such queue. */
async function depthOf(channel: Channel): Promise<number> {
  const found = await channel.checkQueue(DEAD_LETTER_QUEUE).catch(ifRefused([replyCodes.notFound], undefined));
  return found?.messageCount ?? 0;
}

/**
 * Takes the oldest ones, and hands them back in their order: RabbitMQ puts what goes back behind all that has ever gone
 * back, and before all that has not. So the order is kept by taking the same number every time. Of what goes back at once
 * it keeps the order up to 32 (it sorts no larger map), so they go by so many.
 */
async function holdOldest(channel: Channel, depth: number, keep: (deadLetter: DeadLetter) => boolean) {
  const expected = Math.min(depth, MAX_HELD);
  const kept: Kept[] = [];
  const messages: ConsumeMessage[] = [];
  let removed = 0;
  const complete = Promise.withResolvers<void>();
  await channel.prefetch(MAX_HELD);
  const { consumerTag } = await channel.consume(DEAD_LETTER_QUEUE, (message) => {
    if (message !== null) {
      const deadLetter = deadLetterOf(message);
      const held = { ...message, content: NOTHING };
      messages.push(held);
      const remove = () => {
        channel.ack(held);
        messages.splice(messages.indexOf(held), 1);
        removed++;
      };
      if (keep(deadLetter)) kept.push({ deadLetter, remove });
    }
    if (message === null || messages.length >= expected) complete.resolve();
  });
  await within(READING_MS, complete.promise);
  // Messages that are handed back would be delivered again.
  await channel.cancel(consumerTag);
  async function handBack(): Promise<void> {
    for (let last = BACK_AT_ONCE - 1; last < messages.length + BACK_AT_ONCE - 1; last += BACK_AT_ONCE) {
      const message = messages[Math.min(last, messages.length - 1)];
      if (message !== undefined) channel.nack(message, true, true);
    }
    await awaitDepth(channel, depth - removed);
  }
  return { kept, handBack };
}

/** A quorum queue takes messages back only after it has written that down; a reader before that sees fewer. */
async function awaitDepth(channel: Channel, depth: number): Promise<void> {
  const until = performance.now() + RETURNING_MS;
  while ((await depthOf(channel)) < depth && performance.now() < until) await wait(10);
}
