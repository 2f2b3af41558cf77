import type { BrokerConsumer } from "@pedidos/broker";
import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "@pedidos/domain";
import type { ConnectionOptions } from "../connection/open-connection.ts";
import { declareTopology } from "../topology/declare-topology.ts";
import { type PedidosQueue, preparePedidos } from "../topology/prepare-pedidos.ts";
import { consumeQueue, type QueueConsumerOptions } from "./consume-queue.ts";

export type ConsumerOptions = ConnectionOptions & {
  /** How many messages of each queue may be unacknowledged. Default 400. */
  readonly prefetch?: number;
  readonly pedidosQueue: PedidosQueue;
  readonly onDelivery: QueueConsumerOptions["onDelivery"];
};

/** Messages of one order each are slow to come where fewer are in flight; more would be too many bytes of long ones. */
const PREFETCH = 400;
/** Trouble with `pedidos` may last as long as another program runs. */
const PEDIDOS_LAST_RETRY_MS = 5_000;

/**
 * Consumes `orders.intake` and `pedidos`, each on a connection of its own, so that trouble with the one never stops the
 * other; its status is that of `orders.intake`. Does not wait for the broker; recovers by itself for ever.
 */
export function openConsumer({ pedidosQueue, ...given }: ConsumerOptions): BrokerConsumer {
  const options = { prefetch: PREFETCH, ...given };
  const { name, log } = options;
  const intake = consumeQueue({ ...options, queue: INTAKE_QUEUE, prepare: (model) => declareTopology(model, log) });
  const consumers = [intake];
  if (pedidosQueue !== "off")
    consumers.push(
      consumeQueue({
        ...options,
        name: `${name} ${PEDIDOS_QUEUE}`,
        queue: PEDIDOS_QUEUE,
        prepare: preparePedidos(pedidosQueue, log),
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
