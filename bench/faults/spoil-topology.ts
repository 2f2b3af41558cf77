import { setTimeout as wait } from "node:timers/promises";
import { type Channel, connect } from "amqplib";
import type { FaultSystem } from "./start-fault-system.ts";

const INTAKE = "orders.intake";
const BINDING = [INTAKE, "orders", "order.submitted"] as const;
/** How long the intake queue may take to run empty. */
const EMPTY_LIMIT_MS = 6_000;

/** What a fault may also need: to have the clients pause. */
export type Pausable = { readonly pause: () => Promise<void>; readonly resume: () => void };

/** Orders of other teams then reach no queue; the broker returns them. */
export async function unbindIntake(url: string): Promise<void> {
  await onChannel(url, (channel) => channel.unbindQueue(...BINDING)).catch(() => {});
}

export async function bindIntake(url: string): Promise<void> {
  await onChannel(url, (channel) => channel.bindQueue(...BINDING)).catch(() => {});
}

/**
 * Deletes the intake queue while it is empty: deleting a queue loses the orders in it. The
 * clients pause until it is empty.
 */
export async function deleteIntake(
  { rabbitmq, amqpUrl, vhost }: FaultSystem,
  clients: Pausable,
): Promise<"done" | "skipped"> {
  const deadline = Date.now() + EMPTY_LIMIT_MS;
  try {
    await Promise.race([clients.pause(), wait(EMPTY_LIMIT_MS)]);
    while (Date.now() < deadline) {
      const listed = await rabbitmq.ctl("list_queues", "--silent", ...vhost, "name", "messages").catch(() => "");
      if (!listed.split("\n").includes(`${INTAKE}\t0`)) continue;
      await onChannel(amqpUrl, (channel) => channel.deleteQueue(INTAKE));
      return "done";
    }
    return "skipped";
  } catch {
    return "skipped";
  } finally {
    clients.resume();
  }
}

async function onChannel(url: string, act: (channel: Channel) => Promise<unknown>): Promise<void> {
  const model = await connect(url, { timeout: 3_000 });
  model.on("error", () => {});
  try {
    const channel = await model.createChannel();
    channel.on("error", () => {});
    await act(channel);
  } finally {
    await model.close().catch(() => {});
  }
}
