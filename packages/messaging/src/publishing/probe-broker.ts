import type { ConfirmChannel } from "amqplib";
import { PROBE_KEY } from "../topology/topology.ts";
import type { OutgoingMessage } from "./messages.ts";

/**
 * A message that goes nowhere, to a key of the default exchange that no queue has. The broker reports an alarm only to a
 * connection that publishes, so a new connection sends one, and an idle one every few seconds.
 */
export const PROBE: OutgoingMessage = {
  exchange: "",
  routingKey: PROBE_KEY,
  body: new Uint8Array(),
  contentType: "application/octet-stream",
  mandatory: false,
};

/** Publishes a message that goes nowhere, first on its channel. @throws where the broker does not confirm it */
export async function probeBroker(channel: ConfirmChannel): Promise<void> {
  channel.publish(PROBE.exchange, PROBE.routingKey, Buffer.alloc(0));
  await channel.waitForConfirms();
}
