import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "@pedidos/process";
import type { Channel, ConsumeMessage } from "amqplib";
import { connectOnce } from "../connection/connect-once.ts";
import { codeOf, describeError } from "../connection/describe-error.ts";
import { closeChannel, openChannel } from "../connection/open-channel.ts";
import { within } from "../connection/open-connection.ts";
import { timeToSend } from "../publishing/time-to-send.ts";
import { DEAD_LETTER_QUEUE } from "../topology/topology.ts";
import { type DeadLetter, deadLetterOf } from "./dead-letter.ts";

export type DeadLetters = {
  /**
   * The oldest dead letters, of the first 200, and how many there are in all. They stay, in their order.
   *
   * @param limits how many, and how many bytes of them; the first is read whatever its size
   */
  readonly read: (limits: {
    readonly count: number;
    readonly bytes: number;
  }) => Promise<{ readonly deadLetters: DeadLetter[]; readonly depth: number } | "unavailable">;
  /**
   * Looks for one among the oldest 200 and hands it to `settle`; where that says so it is taken away, else it stays.
   * "unavailable" may come after it was settled; then it may be there still.
   */
  readonly take: (
    deadLetterId: string,
    settle: (deadLetter: DeadLetter) => Promise<boolean>,
  ) => Promise<"taken" | "kept" | "not_found" | "unavailable">;
};

/**
 * How long all of it may take, beside what a dead letter that was found needs on its way back: a broker that is silent holds
 * up nobody. Reading ends before that, where there is much.
 */
const LIMIT_MS = 8_000;
const READING_MS = 4_000;
const RETURNING_MS = 2_000;
/** More are never shown, nor found. */
const LOOKED_AT = 200;
const BACK_AT_ONCE = 32;
const NOT_FOUND = 404;
const NOTHING = Buffer.alloc(0);

/**
 * Looks at the dead letters, each time on a connection of its own: the broker stops reading from those that publish while
 * it takes no publishes. Whoever looks holds what it has seen until it ends, and another sees only what comes behind; so
 * of all processes one at a time must look, or some are not seen, and change places.
 */
export function openDeadLetters(options: { url: string; name: string; log: Pick<Log, "warn"> }): DeadLetters {
  async function onChannel<Result>(
    act: (channel: Channel, allow: (ms: number) => void) => Promise<Result>,
  ): Promise<Result | "unavailable"> {
    const ending = new AbortController();
    const late = Promise.withResolvers<never>();
    let timer: NodeJS.Timeout | undefined;
    const allow = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late.reject(new Error(`the broker took over ${ms} ms`));
        ending.abort();
      }, ms);
    };
    allow(LIMIT_MS);
    try {
      const work = withConnection(options, ending.signal, (channel) => act(channel, allow));
      // Once it is late nobody waits for it any more.
      work.catch(() => {});
      return await Promise.race([work, late.promise]);
    } catch (error) {
      ending.abort();
      options.log.warn({ reason: describeError(error) }, "could not look at the dead letters");
      return "unavailable";
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    read: ({ count, bytes }) =>
      onChannel(async (channel) => {
        const depth = await depthOf(channel);
        if (depth === 0) return { deadLetters: [], depth };
        let [shown, size] = [0, 0];
        const keep = (deadLetter: DeadLetter) => {
          size += deadLetter.body.length;
          return shown++ < count && (shown === 1 || size <= bytes) ? deadLetter : undefined;
        };
        const deadLetters = await hold(channel, depth, keep, async (held) =>
          held.flatMap((one) => one.deadLetter ?? []),
        );
        return { deadLetters, depth };
      }),
    take: (deadLetterId, settle) =>
      onChannel(async (channel, allow) => {
        const depth = await depthOf(channel);
        if (depth === 0) return "not_found";
        const keep = (deadLetter: DeadLetter) => (deadLetter.deadLetterId === deadLetterId ? deadLetter : undefined);
        return await hold(channel, depth, keep, async (held) => {
          const found = held.find((one) => one.deadLetter !== undefined);
          if (found?.deadLetter === undefined) return "not_found";
          allow(LIMIT_MS + timeToSend(found.deadLetter.body.length));
          if (!(await settle(found.deadLetter))) return "kept";
          channel.ack(found.message);
          held.splice(held.indexOf(found), 1);
          return "taken";
        });
      }),
  };
}

/** A message that is held: what it says, until that was looked at, and what it is acknowledged by. */
type Held = { readonly deadLetter: DeadLetter | undefined; readonly message: ConsumeMessage };

/**
 * Holds the oldest ones, `LOOKED_AT` of them or as many as there are, while `use` looks at them; those that it leaves in
 * the list go back.
 *
 * In their order: RabbitMQ puts what goes back behind all that has ever gone back, and before all that has not. So the
 * order is kept by taking the same number every time. Of what goes back at once it keeps the order up to 32 (it sorts no
 * larger map), so they go by so many.
 *
 * @param keep what of each one is to be held; bodies take room
 */
async function hold<Result>(
  channel: Channel,
  depth: number,
  keep: (deadLetter: DeadLetter) => DeadLetter | undefined,
  use: (held: Held[]) => Promise<Result>,
): Promise<Result> {
  const expected = Math.min(depth, LOOKED_AT);
  const held: Held[] = [];
  const complete = Promise.withResolvers<void>();
  await channel.prefetch(LOOKED_AT);
  const { consumerTag } = await channel.consume(DEAD_LETTER_QUEUE, (message) => {
    if (message !== null)
      held.push({ deadLetter: keep(deadLetterOf(message)), message: { ...message, content: NOTHING } });
    if (message === null || held.length >= expected) complete.resolve();
  });
  await within(READING_MS, complete.promise);
  // What goes back would come again.
  await channel.cancel(consumerTag);
  const seen = held.length;
  try {
    return await use(held);
  } finally {
    for (let last = BACK_AT_ONCE - 1; last < held.length + BACK_AT_ONCE - 1; last += BACK_AT_ONCE) {
      const { message } = held[Math.min(last, held.length - 1)] ?? {};
      if (message !== undefined) channel.nack(message, true, true);
    }
    await awaitDepth(channel, depth - (seen - held.length));
  }
}

/** A quorum queue takes back what is returned only after it has written that down; whoever looks sooner sees fewer. */
async function awaitDepth(channel: Channel, depth: number): Promise<void> {
  const until = performance.now() + RETURNING_MS;
  while ((await depthOf(channel)) < depth && performance.now() < until) await wait(10);
}

/** → how many there are; 0 where there is no such queue. */
async function depthOf(channel: Channel): Promise<number> {
  try {
    return (await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount;
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return 0;
    throw error;
  }
}

async function withConnection<Result>(
  { url, name }: { url: string; name: string },
  signal: AbortSignal,
  act: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const model = await connectOnce(url, { name: `${name} dead letters`, limitMs: LIMIT_MS, signal });
  const channel = await openChannel(model);
  const result = await act(channel);
  // Its answer says that all that went before has arrived.
  await closeChannel(channel);
  await model.close();
  return result;
}
