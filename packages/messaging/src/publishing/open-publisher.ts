import type { Socket } from "node:net";
import type { Log } from "@pedidos/process";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import { corkWrites } from "../connection/cork-writes.ts";
import { describeError } from "../connection/describe-error.ts";
import { openConfirmChannel } from "../connection/open-channel.ts";
import { openConnection } from "../connection/open-connection.ts";
import { openDepthReader, type QueueDepths } from "../inspecting/read-depths.ts";
import { declareTopology } from "../topology/declare-topology.ts";
import type { OutgoingMessage } from "./messages.ts";
import { openLargeRoad } from "./open-large-road.ts";
import { openWindow } from "./open-window.ts";
import { sendMessage } from "./send-message.ts";
import type { PublishOutcome } from "./unconfirmed.ts";

export type Publisher = {
  /**
   * Publishes a persistent message. Always resolves, within `confirmTimeoutMs`, of a body over 256 KiB when it had the time
   * that it needs on a slow line. What is not "confirmed" may come twice, should it be sent elsewhere.
   */
  readonly publish: (message: OutgoingMessage) => Promise<PublishOutcome>;
  /** "up": confirms come. "blocked": connected, but the broker takes no publishes (an alarm). */
  readonly status: () => "up" | "blocked" | "down";
  /** How many messages are unconfirmed. */
  readonly unconfirmed: () => number;
  /** → how much waits in the queues; undefined while it is down. Rejects where the broker does not say. */
  readonly depths: () => Promise<QueueDepths | undefined>;
  /** Settles what is unconfirmed, then ends the connection. */
  readonly close: () => Promise<void>;
};

export type PublisherOptions = {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  /** How long a confirm may take. Default 900. */
  readonly confirmTimeoutMs?: number;
  /** How many messages may be unconfirmed; beyond, "unavailable" at once. Default 256. */
  readonly window?: number;
};

/** An unroutable message has the topology declared again, but not more often than this. */
const REDECLARE_EVERY_MS = 2_000;
/**
 * A message that goes nowhere, to a key of the default exchange that no queue has. The broker tells of an alarm only to
 * a connection that publishes, so a new connection sends one, and an idle one every few seconds.
 */
const PROBE: OutgoingMessage = {
  exchange: "",
  routingKey: "pedidos.publisher-probe",
  body: new Uint8Array(),
  contentType: "application/octet-stream",
  mandatory: false,
};
const PROBE_EVERY_MS = 5_000;

/** Orders that are gathered into a message are fewer bytes, and so are the events of a commit. */
const LARGE_BYTES = 256 * 1024;

type Open = { readonly model: ChannelModel; readonly probing: NodeJS.Timeout };

/** Opens a connection for publishing, with confirms. Does not wait for the broker; recovers by itself for ever. */
export function openPublisher(options: PublisherOptions): Publisher {
  const { log, confirmTimeoutMs = 900, window = 256 } = options;
  let open: Open | undefined;
  const readDepths = openDepthReader();
  let redeclaredAt = Number.NEGATIVE_INFINITY;

  const connection = openConnection(options, {
    opened: setUp,
    lost() {
      clearInterval(open?.probing);
      open = undefined;
      underWay.lost();
    },
  });
  const underWay = openWindow({
    window,
    confirmTimeoutMs,
    overdue: () => connection.reset(new Error(`a confirm took over ${confirmTimeoutMs} ms`)),
  });

  const largeRoad = openLargeRoad({ ...options, confirmTimeoutMs });

  async function publish(message: OutgoingMessage): Promise<PublishOutcome> {
    if (message.body.byteLength <= LARGE_BYTES) return await underWay.publish(message);
    // That road does not notice an outage by itself as soon.
    if (open === undefined || underWay.isClosed()) return "unavailable";
    const { model } = open;
    const outcome = await largeRoad.publish(message);
    if (outcome === "unroutable" && open?.model === model) redeclare(model);
    return outcome;
  }

  async function setUp(model: ChannelModel, socket: Socket): Promise<void> {
    const told = new Promise<void>((resolve) => {
      model.on("blocked", (reason) => {
        log.warn({ reason }, "the broker takes no publishes");
        underWay.blocked(true);
        resolve();
      });
    });
    model.on("unblocked", () => {
      log.info("the broker takes publishes again");
      underWay.blocked(false);
    });
    await declareTopology(model, log);
    const channel = await openConfirmChannel(model);
    channel.on("return", ({ properties }) => underWay.returned(String(properties.messageId)));
    let cause: Error | undefined;
    channel.on("error", (error) => {
      cause = error;
    });
    channel.on("close", () => {
      const reason = cause ?? new Error("the channel was closed");
      // A connection that closes tells its channels first.
      queueMicrotask(() => connection.reset(reason));
    });
    await Promise.race([told, probe(channel)]);
    const probing = setInterval(() => {
      if (underWay.unconfirmed() === 0) void underWay.probe(PROBE);
    }, PROBE_EVERY_MS);
    open = { model, probing };
    const wrote = corkWrites(socket);
    underWay.opened({
      send(message, id, settle) {
        sendMessage(channel, message, id, settle);
        wrote();
      },
      redeclare: () => redeclare(model),
    });
  }

  function redeclare(model: ChannelModel): void {
    const now = performance.now();
    if (now - redeclaredAt < REDECLARE_EVERY_MS) return;
    redeclaredAt = now;
    log.warn("a message found no queue; declaring the topology again");
    declareTopology(model, log).catch((error: unknown) => {
      if (open?.model === model) connection.reset(new Error(`could not declare the topology: ${describeError(error)}`));
    });
  }

  return {
    publish,
    status: underWay.status,
    unconfirmed: underWay.unconfirmed,
    depths: async () => (open === undefined ? undefined : await readDepths(open.model)),
    async close() {
      clearInterval(open?.probing);
      largeRoad.close();
      await underWay.end();
      await connection.close();
    },
  };
}

function probe(channel: ConfirmChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    sendMessage(channel, PROBE, "probe", (answer) =>
      answer === "ack" ? resolve() : reject(new Error("the probe was not confirmed")),
    );
  });
}
