import type { PublishOutcome, RecordingBroker } from "@pedidos/broker";
import type { Log } from "@pedidos/process";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import { describeError } from "../connection/broker-error.ts";
import { onClosed, openConfirmChannel } from "../connection/open-channel.ts";
import { type ConnectionOptions, openConnection } from "../connection/open-connection.ts";
import { openDepthReader } from "../inspecting/read-depths.ts";
import { declareTopology } from "../topology/declare-topology.ts";
import { type OutgoingMessage, PROBE, probeBroker, sendMessage } from "./messages.ts";
import { openLargePublisher } from "./open-large-publisher.ts";
import { openWindow, type PublishWindow } from "./open-window.ts";

export type Publisher = Pick<RecordingBroker, "status" | "depths" | "close"> & {
  /** How many messages are unconfirmed. */
  readonly unconfirmed: () => number;
  /**
   * Publishes a persistent message. Always resolves, within `confirmTimeoutMs`, of a body over 256 KiB when it had the time
   * that it needs on a slow line. What is not "confirmed" may come twice, should it be sent elsewhere.
   */
  readonly publish: (message: OutgoingMessage) => Promise<PublishOutcome>;
};

export type PublisherOptions = ConnectionOptions & {
  /** How long a confirm may take. Default 900. */
  readonly confirmTimeoutMs?: number;
  /** How many messages may be unconfirmed; beyond, "unavailable" at once. Default 256. */
  readonly window?: number;
};

/** An unroutable message has the topology declared again, but not more often than this. */
const REDECLARE_EVERY_MS = 2_000;
const PROBE_EVERY_MS = 5_000;
/** Orders that are gathered into a message are fewer bytes, and so are the events of a commit. */
const LARGE_BYTES = 256 * 1024;

/** Opens a connection for publishing, with confirms. Does not wait for the broker; recovers by itself for ever. */
export function openPublisher(options: PublisherOptions): Publisher {
  const { log, confirmTimeoutMs = 900 } = options;
  let open: ChannelModel | undefined;
  const readDepths = openDepthReader();
  const connection = openConnection(options, {
    async opened(model, wrote) {
      const channel = await openLink(model, { window, log, reset: connection.reset });
      open = model;
      window.opened({
        send(message, id, settle) {
          sendMessage(channel, message, id, settle);
          wrote();
        },
        redeclare: () => redeclare(model),
      });
    },
    lost() {
      open = undefined;
      window.lost();
    },
  });
  const window = openWindow({
    window: options.window ?? 256,
    confirmTimeoutMs,
    overdue: () => connection.reset(new Error(`a confirm took over ${confirmTimeoutMs} ms`)),
  });
  let redeclaredAt = Number.NEGATIVE_INFINITY;
  function redeclare(model: ChannelModel): void {
    const now = performance.now();
    if (now - redeclaredAt < REDECLARE_EVERY_MS) return;
    redeclaredAt = now;
    log.warn("a message found no queue; declaring the topology again");
    declareTopology(model, log).catch((error: unknown) => {
      if (open === model) connection.reset(new Error(`could not declare the topology: ${describeError(error)}`));
    });
  }
  const large = openLargePublisher(options, confirmTimeoutMs);
  const probing = setInterval(() => {
    if (window.unconfirmed() === 0) void window.probe(PROBE);
  }, PROBE_EVERY_MS);

  return {
    async publish(message) {
      if (message.body.byteLength <= LARGE_BYTES) return await window.publish(message);
      const model = open;
      // The connection for large bodies does not notice an outage as soon.
      if (model === undefined || window.isClosed()) return "unavailable";
      const outcome = await large.publish(message);
      if (outcome === "unroutable" && open === model) redeclare(model);
      return outcome;
    },
    status: window.status,
    unconfirmed: window.unconfirmed,
    depths: async () => (open === undefined ? undefined : await readDepths(open)),
    async close() {
      clearInterval(probing);
      large.close();
      await window.end();
      await connection.close();
    },
  };
}

/** → a channel whose confirms have been seen to come, unless an alarm keeps them away. */
async function openLink(
  model: ChannelModel,
  { window, log, reset }: { window: PublishWindow; log: Log; reset: (reason: Error) => void },
): Promise<ConfirmChannel> {
  const blocked = new Promise<void>((resolve) => {
    model.on("blocked", (reason) => {
      log.warn({ reason }, "the broker takes no publishes");
      window.blocked(true);
      resolve();
    });
  });
  model.on("unblocked", () => {
    log.info("the broker takes publishes again");
    window.blocked(false);
  });
  await declareTopology(model, log);
  const channel = await openConfirmChannel(model);
  channel.on("return", ({ properties }) => window.returned(String(properties.messageId)));
  onClosed(channel, reset);
  await Promise.race([blocked, probeBroker(channel)]);
  return channel;
}
