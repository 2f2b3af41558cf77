import type { Log } from "@pedidos/process";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import { connectOnce } from "../connection/connect-once.ts";
import { describeError } from "../connection/describe-error.ts";
import { openConfirmChannel } from "../connection/open-channel.ts";
import type { OutgoingMessage } from "./messages.ts";
import { sendMessage } from "./send-message.ts";
import { timeToSend } from "./time-to-send.ts";
import type { PublishOutcome } from "./unconfirmed.ts";

export type LargeRoad = {
  /** Always settles: within its deadline from when those before it are settled. */
  readonly publish: (message: OutgoingMessage) => Promise<PublishOutcome>;
  /** Gives up what is under way, and takes no more. */
  readonly close: () => void;
};

export type LargeRoadOptions = {
  readonly url: string;
  readonly name: string;
  readonly log: Pick<Log, "warn">;
  /** How long a confirm may take, beside the time that the body may need on a slow line. */
  readonly confirmTimeoutMs: number;
};

/** What may wait here; one message of any size may always. */
const MOST_BYTES = 32 * 1024 * 1024;
const CONNECT_LIMIT_MS = 5_000;
/** How long a connection is kept for the next one. */
const IDLE_MS = 5_000;

type Open = { readonly model: ChannelModel; readonly channel: ConfirmChannel; readonly destroy: () => void };

/**
 * A road for large bodies, one at a time on a connection that is opened for them: on a slow line one may take minutes, and
 * no order and no event waits behind it or loses its connection to its deadline.
 */
export function openLargeRoad({ url, name, log, confirmTimeoutMs }: LargeRoadOptions): LargeRoad {
  const ended = new AbortController();
  let [bytes, last] = [0, Promise.resolve<unknown>(undefined)];
  let open: Open | undefined;
  let idle: NodeJS.Timeout | undefined;

  function destroy(): void {
    clearTimeout(idle);
    open?.destroy();
    open = undefined;
  }

  async function connect(): Promise<Open> {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, ended.signal]);
    const model = await connectOnce(url, { name: `${name} large bodies`, limitMs: CONNECT_LIMIT_MS, signal });
    const opened = { model, channel: await openConfirmChannel(model), destroy: () => ending.abort() };
    const forget = () => {
      if (open === opened) open = undefined;
    };
    model.on("close", forget);
    opened.channel.on("close", () => {
      forget();
      opened.destroy();
    });
    return opened;
  }

  async function send(message: OutgoingMessage): Promise<PublishOutcome> {
    if (ended.signal.aborted) return "unavailable";
    clearTimeout(idle);
    const limitMs = confirmTimeoutMs + timeToSend(message.body.byteLength);
    try {
      open ??= await connect();
      const outcome = await publishWithin(limitMs, open, message);
      if (outcome === "unavailable") destroy();
      else idle = setTimeout(destroy, IDLE_MS).unref();
      return outcome;
    } catch (error) {
      log.warn({ reason: describeError(error), bytes: message.body.byteLength }, "a large body could not be published");
      destroy();
      return "unavailable";
    }
  }

  return {
    async publish(message) {
      const size = message.body.byteLength;
      if (bytes > 0 && bytes + size > MOST_BYTES) return "unavailable";
      bytes += size;
      const sent = last.then(() => send(message));
      last = sent;
      return await sent.finally(() => {
        bytes -= size;
      });
    },
    close() {
      ended.abort();
      destroy();
    },
  };
}

function publishWithin(limitMs: number, { model, channel }: Open, message: OutgoingMessage): Promise<PublishOutcome> {
  const outcome = Promise.withResolvers<PublishOutcome>();
  let isReturned = false;
  const giveUp = () => outcome.resolve("unavailable");
  const timer = setTimeout(giveUp, limitMs);
  const onReturn = () => {
    isReturned = true;
  };
  channel.once("return", onReturn);
  // An alarm: the broker reads no more of it until that ends.
  model.once("blocked", giveUp);
  model.once("close", giveUp);
  try {
    sendMessage(channel, message, "large", (answer) => {
      if (answer === "lost") giveUp();
      else outcome.resolve(answer === "nack" ? "refused" : isReturned ? "unroutable" : "confirmed");
    });
  } catch {
    // The channel closed a moment ago: its end has not been told yet.
    giveUp();
  }
  return outcome.promise.finally(() => {
    clearTimeout(timer);
    channel.off("return", onReturn);
    model.off("blocked", giveUp);
    model.off("close", giveUp);
  });
}
