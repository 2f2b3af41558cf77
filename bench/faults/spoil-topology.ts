import { setTimeout as wait } from "node:timers/promises";
import { type Channel, connect } from "amqplib";
import type { System } from "./start-system.ts";

const INTAKE = "orders.intake";
const BINDING = [INTAKE, "orders", "order.submitted"] as const;
/** How long the intake queue may take to run empty. */
const EMPTY_LIMIT_MS = 6_000;

/** What a fault may also need: to have the clients stand still. */
export type Held = { readonly hold: () => Promise<void>; readonly go: () => void };

/** Orders of other teams then reach no queue; the broker returns them. */
export async function unbindIntake(url: string): Promise<void> {
  await onChannel(url, (channel) => channel.unbindQueue(...BINDING)).catch(() => {});
}

export async function bindIntake(url: string): Promise<void> {
  await onChannel(url, (channel) => channel.bindQueue(...BINDING)).catch(() => {});
}

/**
 * Deletes the intake queue at a moment when it holds nothing: whoever deletes a queue with orders in it loses them. The
 * clients stand still until it is empty.
 */
export async function deleteIntake({ rabbitmq, amqpUrl, vhost }: System, clients: Held): Promise<"done" | "skipped"> {
  const deadline = Date.now() + EMPTY_LIMIT_MS;
  try {
    await Promise.race([clients.hold(), wait(EMPTY_LIMIT_MS)]);
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
    clients.go();
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
