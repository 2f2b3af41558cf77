import type { Traceparents } from "@pedidos/broker";
import { type CloudEvent, EVENTS_A_MESSAGE, EVENTS_EXCHANGE } from "@pedidos/contract";
import { INTAKE_QUEUE, type IncomingOrder, type Source } from "@pedidos/domain";
import type { ConfirmChannel } from "amqplib";
import { DEAD_EXCHANGE } from "../topology/topology.ts";
import { traceHeaders } from "./trace-headers.ts";

/** A message for {@link Publisher}; it is always persistent. */
export type OutgoingMessage = {
  /** `""` is the default exchange: the routing key is then a queue's name. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Travels as the header `source`, and with it the time, in milliseconds since 1970. */
  readonly source?: Source;
  /** W3C contexts of the traces that it belongs to: one, or one for each of its orders. Only of those that are sampled. */
  readonly traceparents?: Traceparents;
  /** Whether somebody waits for what becomes of it; it then travels as the header `awaited`. */
  readonly awaited?: boolean;
  /** Whether it is an "unroutable" message when no queue takes it; else it is then dropped, "confirmed". Default true. */
  readonly mandatory?: boolean;
};

/** The header that holds when a message of ours was handed to the broker, so that it is known how long it waited. */
export const ACCEPTED_AT = "acceptedAt";
/** The header that says `true` where somebody waits for the record of an order in it. */
export const AWAITED = "awaited";

/** What the broker says to a message; "lost": its channel is gone, so it says nothing any more. */
export type Answer = "ack" | "nack" | "lost";

const LINE_END = Buffer.from("\n");

/**
 * A message that goes nowhere, to a key of the default exchange that no queue has. The broker reports an alarm only to a
 * connection that publishes, so a new connection sends one, and an idle one every few seconds.
 */
export const PROBE: OutgoingMessage = {
  exchange: "",
  routingKey: "pedidos.publisher-probe",
  body: new Uint8Array(),
  contentType: "application/octet-stream",
  mandatory: false,
};

/**
 * One message for the intake queue itself, past any exchange, whose bindings others could change. One order travels as
 * JSON, more as NDJSON.
 *
 * @param orders in the English form, at least one, all of one source, none with a line break in it (`writeOrder` makes none)
 */
export function ordersMessage(orders: readonly IncomingOrder[]): OutgoingMessage {
  const [first] = orders;
  if (first === undefined) throw new Error("a message needs at least one order");
  const alone = orders.length === 1;
  const isTraced = orders.some(({ traceparent }) => traceparent !== undefined);
  return {
    exchange: "",
    routingKey: INTAKE_QUEUE,
    body: alone ? first.body : Buffer.concat(orders.flatMap(({ body }) => [body, LINE_END])),
    contentType: alone ? "application/json" : "application/x-ndjson",
    source: first.source,
    ...(isTraced && { traceparents: orders.map(({ traceparent }) => traceparent) }),
    ...(orders.some(({ awaited }) => awaited) && { awaited: true }),
  };
}

/** The announcements of a commit: one message for each kind and 500 events. Nobody need be bound to the exchange. */
export function eventMessages(events: readonly CloudEvent[], traceparent?: string): OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (const [routingKey, alike] of Map.groupBy(events, ({ type }) => type))
    for (let from = 0; from < alike.length; from += EVENTS_A_MESSAGE)
      messages.push({
        exchange: EVENTS_EXCHANGE,
        routingKey,
        body: Buffer.from(JSON.stringify(alike.slice(from, from + EVENTS_A_MESSAGE))),
        contentType: "application/cloudevents-batch+json",
        mandatory: false,
        ...(traceparent !== undefined && { traceparents: traceparent }),
      });
  return messages;
}

/**
 * A body that is too large to become a rejection, for the dead letters, as it is.
 *
 * @param source the queue it came from; it is the routing key, as it is for what the broker itself dead-letters.
 */
export function deadLetterMessage(body: Uint8Array, source: Source): OutgoingMessage {
  return { exchange: DEAD_EXCHANGE, routingKey: source, body, contentType: "application/octet-stream", source };
}

/** Writes a persistent message under an id; `settle` is called once. */
export function sendMessage(
  channel: ConfirmChannel,
  message: OutgoingMessage,
  id: string,
  settle: (answer: Answer) => void,
): void {
  const { exchange, routingKey, body, contentType, source, traceparents, awaited, mandatory = true } = message;
  const content = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const headers: Record<string, unknown> = source === undefined ? {} : { source, [ACCEPTED_AT]: Date.now() };
  if (awaited === true) headers[AWAITED] = true;
  if (traceparents !== undefined) Object.assign(headers, traceHeaders(traceparents));
  channel.publish(
    exchange,
    routingKey,
    content,
    { persistent: true, mandatory, contentType, messageId: id, headers },
    (error: unknown) => settle(answerOf(error)),
  );
}

/** A refused message and one whose channel has closed differ only in the text of amqplib's error. */
function answerOf(error: unknown): Answer {
  if (!error) return "ack";
  return error instanceof Error && error.message === "message nacked" ? "nack" : "lost";
}

/** Publishes {@link PROBE}, first on its channel. @throws if the broker does not confirm it */
export async function probeBroker(channel: ConfirmChannel): Promise<void> {
  channel.publish(PROBE.exchange, PROBE.routingKey, Buffer.alloc(0));
  await channel.waitForConfirms();
}
