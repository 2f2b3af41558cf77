import type { PublishOutcome } from "@pedidos/broker";
import type { ChannelModel, ConfirmChannel, Message } from "amqplib";
import { describeError } from "../connection/broker-error.ts";
import { CONNECT_LIMIT_MS, connectOnce } from "../connection/connect-once.ts";
import { openConfirmChannel } from "../connection/open-channel.ts";
import type { ConnectionOptions } from "../connection/open-connection.ts";
import { type OutgoingMessage, sendMessage } from "./messages.ts";
import { openUnconfirmed } from "./open-window.ts";

/** What may be pending here; one message of any size may always. */
const MAX_BYTES = 32 * 1024 * 1024;
/** How long a connection is kept for the next one. */
const IDLE_MS = 5_000;
/** 1 Mbit/s. */
const SLOWEST_BYTES_PER_MS = 125;
const LONGEST_MS = 300_000;

type Open = { readonly model: ChannelModel; readonly channel: ConfirmChannel; readonly destroy: () => void };

/** → how long a body may take over a slow line, in milliseconds; 5 minutes at most. */
export function timeToSend(bytes: number): number {
  return Math.min(bytes / SLOWEST_BYTES_PER_MS, LONGEST_MS);
}

/**
 * Publishes large bodies, one at a time on a connection that is opened for them: on a slow line one may take minutes, and
 * no order and no event waits behind it or loses its connection to its deadline.
 *
 * @param confirmTimeoutMs how long a confirm may take, beside the time that the body may need on a slow line
 */
export function openLargePublisher({ url, name, log }: ConnectionOptions, confirmTimeoutMs: number) {
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
    // The end of a connection closes its channels.
    opened.channel.on("close", () => {
      if (open === opened) open = undefined;
      opened.destroy();
    });
    return opened;
  }

  async function send(message: OutgoingMessage): Promise<PublishOutcome> {
    if (ended.signal.aborted) return "unavailable";
    clearTimeout(idle);
    const bytes = message.body.byteLength;
    let outcome: PublishOutcome = "unavailable";
    try {
      open ??= await connect();
      outcome = await publishOn(open, message, confirmTimeoutMs + timeToSend(bytes));
    } catch (error) {
      log.warn({ reason: describeError(error), bytes }, "a large body could not be published");
    }
    if (outcome === "unavailable") destroy();
    else idle = setTimeout(destroy, IDLE_MS).unref();
    return outcome;
  }

  return {
    /** Always settles: within its deadline from when those before it are settled. */
    async publish(message: OutgoingMessage): Promise<PublishOutcome> {
      const size = message.body.byteLength;
      if (bytes > 0 && bytes + size > MAX_BYTES) return "unavailable";
      bytes += size;
      const sent = last.then(() => send(message));
      last = sent;
      return await sent.finally(() => {
        bytes -= size;
      });
    },
    /** Gives up what is in flight, and takes no more. */
    close(): void {
      ended.abort();
      destroy();
    },
  };
}

function publishOn({ model, channel }: Open, message: OutgoingMessage, timeoutMs: number): Promise<PublishOutcome> {
  const { add, returned, giveUp, end } = openUnconfirmed({ timeoutMs, overdue() {} });
  const onReturn = ({ properties }: Message) => returned(String(properties.messageId));
  channel.on("return", onReturn);
  // An alarm: the broker reads no more of it until that ends.
  model.once("blocked", giveUp);
  return add(message.body.byteLength, (id, settle) => sendMessage(channel, message, id, settle)).finally(() => {
    channel.off("return", onReturn);
    model.off("blocked", giveUp);
    void end();
  });
}
