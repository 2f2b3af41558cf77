import type { ChannelModel } from "amqplib";
import { codeOf, describeError } from "../connection/describe-error.ts";
import { closeChannel, openChannel } from "../connection/open-channel.ts";
import { PEDIDOS_QUEUE, quorumArguments } from "./topology.ts";

export type PedidosQueue = "as-replaced" | "durable" | "off";

const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

/**
 * Makes sure that the replaced system's queue is there: found, it is left as it is, whatever its arguments; absent, it is
 * declared. The checks have channels of their own, as the broker closes the channel that asked in vain.
 *
 * @throws when the broker lets us neither see nor declare it, for instance while another connection holds it exclusively.
 */
export async function preparePedidos(
  model: ChannelModel,
  mode: Exclude<PedidosQueue, "off">,
): Promise<"found" | "declared"> {
  const check = await openChannel(model);
  try {
    await check.checkQueue(PEDIDOS_QUEUE);
    return "found";
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error;
  } finally {
    void closeChannel(check);
  }
  const channel = await openChannel(model);
  try {
    // As the replaced system's producers declare it: another declaration would make theirs fail.
    if (mode === "as-replaced") await channel.assertQueue(PEDIDOS_QUEUE, { durable: false });
    else await channel.assertQueue(PEDIDOS_QUEUE, { durable: true, arguments: quorumArguments(PEDIDOS_QUEUE) });
    return "declared";
  } finally {
    void closeChannel(channel);
  }
}

/**
 * Whether the queue that was found outlives the broker, which AMQP does not tell. A declaration that could create nothing
 * (a quorum queue can't be transient) is refused for the first thing in which it differs from the queue: durability.
 */
export async function isPedidosDurable(model: ChannelModel): Promise<boolean | "unknown"> {
  const channel = await openChannel(model);
  try {
    await channel.assertQueue(PEDIDOS_QUEUE, { durable: false, arguments: { "x-queue-type": "quorum" } });
  } catch (error) {
    if (codeOf(error) === PRECONDITION_FAILED) return describeError(error).includes("inequivalent arg 'durable'");
  } finally {
    void closeChannel(channel);
  }
  return "unknown";
}
