import type { ChannelModel, ConsumeMessage } from "amqplib";
import type { ConnectionOptions } from "../connection/open-connection.ts";
import { ACCEPTED_AT, AWAITED } from "../publishing/messages.ts";
import { readTraceparents } from "../publishing/trace-headers.ts";
import { declareTopology } from "../topology/declare-topology.ts";
import { type PedidosQueue, preparePedidos } from "../topology/prepare-pedidos.ts";
import { INTAKE_QUEUE, type OrderQueue, PEDIDOS_QUEUE } from "../topology/topology.ts";
import { consumeQueue } from "./consume-queue.ts";
import { type BrokerConsumer, type Delivery, sourceOf } from "./consumer.ts";

export type ConsumerOptions = ConnectionOptions & {
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
 * other; its status is that of `orders.intake`. Does not wait for the broker; recovers by itself for ever.
 */
export function openConsumer({ pedidosQueue, onDelivery, ...options }: ConsumerOptions): BrokerConsumer {
  const { name, log } = options;
  const consume = (queue: OrderQueue, prepare: (model: ChannelModel) => Promise<void>) => ({
    ...options,
    queue,
    prepare,
    onMessage: (message: ConsumeMessage, acknowledge: () => void) =>
      onDelivery(deliveryOf(queue, message, acknowledge)),
  });
  const intake = consumeQueue(consume(INTAKE_QUEUE, (model) => declareTopology(model, log)));
  const consumers = [intake];
  if (pedidosQueue !== "off")
    consumers.push(
      consumeQueue({
        ...consume(PEDIDOS_QUEUE, preparePedidos(pedidosQueue, log)),
        name: `${name} ${PEDIDOS_QUEUE}`,
        lastRetryMs: PEDIDOS_LAST_RETRY_MS,
      }),
    );
  const all = async (act: (consumer: BrokerConsumer) => Promise<void> | void) => {
    await Promise.all(consumers.map(act));
  };
  return {
    status: intake.status,
    pause: () => all((consumer) => consumer.pause()),
    resume: () => void all((consumer) => consumer.resume()),
    hold: (held) => all((consumer) => consumer.hold(held)),
    cancel: () => all((consumer) => consumer.cancel()),
    close: () => all((consumer) => consumer.close()),
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
