import { setTimeout as sleep } from "node:timers/promises";
import { INTAKE_QUEUE, limits } from "@pedidos/domain";
import { ordersMessage, type Publisher } from "@pedidos/messaging";
import { exitCodes, Failure } from "../failure.ts";
import { RETRY_LIMIT_MS } from "../open-client.ts";
import { reportOutage } from "../report-outage.ts";
import type { Deliver } from "./gather-chunks.ts";

const ORDERS_A_MESSAGE = 64;
const BACK_OFF_MS = 250;

/** Delivers straight to the intake queue; the broker confirms each message. */
export function deliverByAmqp({ publish, status }: Pick<Publisher, "publish" | "status">): Deliver {
  const outage = reportOutage("The broker", RETRY_LIMIT_MS);
  async function send(bodies: readonly Buffer[]): Promise<void> {
    const deadline = Date.now() + RETRY_LIMIT_MS;
    for (;;) {
      const outcome = await publish(ordersMessage(bodies.map((body) => ({ body, source: INTAKE_QUEUE }))));
      if (outcome === "confirmed") return outage.end();
      if (Date.now() > deadline)
        throw new Failure(
          exitCodes.unavailable,
          outcome === "unroutable"
            ? `The broker has no queue ${INTAKE_QUEUE}. Start the API or the consumer once, which declare it.`
            : outcome === "refused"
              ? `The queue ${INTAKE_QUEUE} refuses messages: a policy or an argument bounds its length, and it is full.`
              : `The broker takes no messages (it is ${status()}). Does it run, and is the URL right?`,
        );
      outage.begin(`takes no messages (it is ${status()})`);
      await sleep(BACK_OFF_MS);
    }
  }
  return async (orders) => {
    for (const bodies of messagesOf(orders.map(({ body }) => Buffer.from(body)))) await send(bodies);
    return { accepted: orders.length, rejected: [] };
  };
}

/** A message has at most so many orders, and at most the bytes that the consumer takes: a line end follows each order. */
function* messagesOf(bodies: readonly Buffer[]): Generator<readonly Buffer[]> {
  let [message, bytes]: [Buffer[], number] = [[], 0];
  for (const body of bodies) {
    if (message.length === ORDERS_A_MESSAGE || (message.length > 0 && bytes + body.length + 1 > limits.bytes)) {
      yield message;
      [message, bytes] = [[], 0];
    }
    message.push(body);
    bytes += body.length + 1;
  }
  if (message.length > 0) yield message;
}
