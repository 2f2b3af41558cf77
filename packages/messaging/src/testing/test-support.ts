import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@pedidos/process";
import { type Channel, connect } from "amqplib";
import { vi } from "vitest";
import { INTAKE_QUEUE, quorumArguments } from "../topology/topology.ts";

/** A log that keeps its lines as text, to look for what must or must not be told. */
export function collectLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (...what: unknown[]) => {
      lines.push(`${level} ${JSON.stringify(what)}`);
    };
  return { log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }, lines };
}

/** A machine that others share may be this many times slower than one that is quiet. */
const SLACK = 4;

/** Waits until `condition` holds; `timeoutMs` is what it may take on a quiet machine. */
export function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  return vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error(`still not so after ${timeoutMs} ms: ${condition}`);
    },
    { timeout: timeoutMs * SLACK, interval: 20 },
  );
}

/**
 * Makes a virtual host as good as new. The intake queue stays, emptied: deleting a queue that dead-letters at least once
 * while its dead-letter worker starts costs RabbitMQ the supervisor of all such workers, and no queue of that kind can be
 * declared until the broker restarts (rabbitmq-server#16652).
 */
export async function resetTopology(channel: Channel): Promise<void> {
  for (const queue of ["orders.dead-letter", "pedidos"]) await channel.deleteQueue(queue);
  for (const exchange of ["orders", "orders.dead", "orders.events"]) await channel.deleteExchange(exchange);
  await channel.assertQueue(INTAKE_QUEUE, { durable: true, arguments: quorumArguments(INTAKE_QUEUE) });
  await channel.purgeQueue(INTAKE_QUEUE);
}

/** Deletes the intake queue, once its dead-letter worker has had the time to start (see `resetTopology`). */
export async function deleteIntakeQueue(channel: Channel): Promise<void> {
  await sleep(500);
  await channel.deleteQueue(INTAKE_QUEUE);
}

/** Another program at the same broker: one connection, a channel for each call. What it publishes is confirmed. */
export async function openStranger(url: string) {
  const model = await connect(url);
  model.on("error", () => {});
  return {
    async do<Result>(act: (channel: Channel) => Promise<Result>): Promise<Result> {
      const channel = await model.createConfirmChannel();
      channel.on("error", () => {});
      const result = await act(channel);
      await channel.waitForConfirms();
      await channel.close();
      return result;
    },
    close: () => model.close().catch(() => {}),
  };
}
