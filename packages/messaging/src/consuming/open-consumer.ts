import type { Source } from "@pedidos/domain";
import type { Log } from "@pedidos/process";
import type { ChannelModel } from "amqplib";
import { ACCEPTED_AT, AWAITED } from "../publishing/messages.ts";
import { readTraceparents, type Traceparents } from "../publishing/trace-headers.ts";
import { declareTopology } from "../topology/declare-topology.ts";
import { isPedidosDurable, type PedidosQueue, preparePedidos } from "../topology/prepare-pedidos.ts";
import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "../topology/topology.ts";
import { consumeQueue, type QueueConsumer, type Received } from "./consume-queue.ts";
import { sourceOf } from "./source-of.ts";

/** A message that waits to be acknowledged. */
export type Delivery = {
  readonly queue: "orders.intake" | "pedidos";
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** "http" and "replay" where our own publisher said so, on the intake queue; else the queue's name. */
  readonly source: Source;
  /** The broker has delivered it before, to us or to another. */
  readonly redelivered: boolean;
  /** When our own publisher handed it to the broker, in milliseconds since 1970; of others it is not known. */
  readonly acceptedAt?: number;
  /** Contexts of sampled traces, of all its orders or of each. */
  readonly traceparents?: Traceparents;
  /** Somebody waits for the record of an order in it. */
  readonly awaited?: boolean;
  /** Does nothing once the channel that delivered it is gone, or a second time. */
  readonly acknowledge: () => void;
};

export type BrokerConsumer = {
  /** Whether `orders.intake` is consumed, or could be while paused, held or cancelled. */
  readonly status: () => "up" | "down";
  /** Hands back everything unacknowledged, at the cost of one delivery each, and stays connected; nothing comes until `resume`. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  /**
   * Held, nothing new comes from the broker, and what came may still be acknowledged, so no delivery is lost; until it is
   * let go. By itself, whatever `pause` and `resume` say.
   */
  readonly hold: (held: boolean) => Promise<void>;
  /** For good: nothing new comes once it has resolved; what came may still be acknowledged. */
  readonly cancel: () => Promise<void>;
  /** Flushes what was acknowledged, hands back the rest, ends the connections. */
  readonly close: () => Promise<void>;
};

export type ConsumerOptions = {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  /** How many messages of each queue may be unacknowledged. */
  readonly prefetch: number;
  readonly pedidosQueue: PedidosQueue;
  /** Must not throw: that is taken for a bug, and ends the process. */
  readonly onDelivery: (delivery: Delivery) => void;
};

/** Trouble with `pedidos` may last as long as another program runs. */
const PEDIDOS_LAST_RETRY_MS = 5_000;

/**
 * Consumes `orders.intake` and `pedidos`, each on a connection of its own, so that trouble with the one never stops the
 * other. Does not wait for the broker; recovers by itself for ever.
 */
export function openConsumer(options: ConsumerOptions): BrokerConsumer {
  const { url, name, log, prefetch, pedidosQueue, onDelivery } = options;
  const intake = consumeQueue({
    url,
    name,
    log,
    prefetch,
    queue: INTAKE_QUEUE,
    prepare: (model) => declareTopology(model, log),
    onReceived: (received) => onDelivery(delivery(INTAKE_QUEUE, received)),
  });
  const queues: QueueConsumer[] = [intake];
  if (pedidosQueue !== "off")
    queues.push(
      consumeQueue({
        url,
        name: `${name} ${PEDIDOS_QUEUE}`,
        log,
        prefetch,
        queue: PEDIDOS_QUEUE,
        lastRetryMs: PEDIDOS_LAST_RETRY_MS,
        prepare: pedidosPreparation(pedidosQueue, log),
        onReceived: (received) => onDelivery(delivery(PEDIDOS_QUEUE, received)),
      }),
    );
  const all = async (act: (queue: QueueConsumer) => Promise<void>) => {
    await Promise.all(queues.map(act));
  };
  return {
    status: intake.status,
    pause: () => all((queue) => queue.pause()),
    resume() {
      for (const queue of queues) queue.resume();
    },
    hold: (held) => all((queue) => queue.hold(held)),
    cancel: () => all((queue) => queue.cancel()),
    close: () => all((queue) => queue.close()),
  };
}

/** Prepares `pedidos` on each connection; warns once where its messages die with the broker. */
function pedidosPreparation(mode: Exclude<PedidosQueue, "off">, log: Log): (model: ChannelModel) => Promise<void> {
  let known = false;
  return async (model) => {
    const queue = PEDIDOS_QUEUE;
    const state = await preparePedidos(model, mode);
    if (known) return;
    const durable = state === "declared" ? mode === "durable" : await isPedidosDurable(model);
    if (durable === false)
      log.warn({ queue }, "this queue is not durable: what lies in it is lost when the broker stops");
    known = durable !== "unknown";
  };
}

function delivery(queue: Delivery["queue"], { message, acknowledge }: Received): Delivery {
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
