import { PEDIDOS_QUEUE } from "@pedidos/domain";
import type { Log } from "@pedidos/process";
import type { ChannelModel } from "amqplib";
import { codeOf, describeError, ifRefused, replyCodes } from "../connection/broker-error.ts";
import { onChannel } from "../connection/open-channel.ts";
import { quorumArguments } from "./topology.ts";

/** "as-replaced": as the replaced system's producers declare it, since another declaration would make theirs fail. */
const DECLARATIONS = {
  "as-replaced": { durable: false },
  durable: { durable: true, arguments: quorumArguments(PEDIDOS_QUEUE) },
} as const;

type Mode = keyof typeof DECLARATIONS;
export type PedidosQueue = Mode | "off";

/**
 * Makes sure on each connection that the replaced system's queue exists: found, it is left as it is, with any
 * arguments; absent, it is declared. Warns once if its messages are lost with the broker.
 *
 * @returns a function that throws if the broker lets us neither see nor declare it, for instance while another
 * connection holds it exclusively.
 */
export function preparePedidos(mode: Mode, log: Pick<Log, "warn">): (model: ChannelModel) => Promise<void> {
  let isKnown = false;
  return async (model) => {
    const found = onChannel(model, (channel) => channel.checkQueue(PEDIDOS_QUEUE));
    const isFound = await found.then(() => true, ifRefused([replyCodes.notFound], false));
    if (!isFound) await declare(model, mode);
    if (isKnown) return;
    const isDurable = isFound ? await isPedidosDurable(model) : mode === "durable";
    if (isDurable === false)
      log.warn({ queue: PEDIDOS_QUEUE }, "this queue is not durable: what lies in it is lost when the broker stops");
    isKnown = isDurable !== "unknown";
  };
}

async function declare(model: ChannelModel, mode: Mode): Promise<void> {
  const declared = onChannel(model, (channel) => channel.assertQueue(PEDIDOS_QUEUE, DECLARATIONS[mode]));
  await declared.catch((cause: unknown) => {
    if (codeOf(cause) !== replyCodes.accessRefused) throw cause;
    throw new Error(
      `the queue ${PEDIDOS_QUEUE} is absent and this user may not declare it; its producers or the broker's administrator have to, or set PEDIDOS_QUEUE=off`,
      { cause },
    );
  });
}

/**
 * Whether the queue that was found outlives the broker, which AMQP does not show. A declaration that could create nothing
 * (a quorum queue can't be transient) is refused for the first thing in which it differs from the queue: durability.
 */
async function isPedidosDurable(model: ChannelModel): Promise<boolean | "unknown"> {
  const impossible = { durable: false, arguments: { "x-queue-type": "quorum" } };
  try {
    await onChannel(model, (channel) => channel.assertQueue(PEDIDOS_QUEUE, impossible));
  } catch (error) {
    if (codeOf(error) === replyCodes.preconditionFailed)
      return describeError(error).includes("inequivalent arg 'durable'");
  }
  return "unknown";
}
