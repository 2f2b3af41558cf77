import type { ConfirmChannel } from "amqplib";
import { ACCEPTED_AT, AWAITED, type OutgoingMessage } from "./messages.ts";
import type { Answer } from "./open-unconfirmed.ts";
import { traceHeaders } from "./trace-headers.ts";

/** 1 Mbit/s. */
const SLOWEST_BYTES_PER_MS = 125;
const LONGEST_MS = 300_000;

/** → how long a body may take over a slow line, in milliseconds; 5 minutes at most. */
export function timeToSend(bytes: number): number {
  return Math.min(bytes / SLOWEST_BYTES_PER_MS, LONGEST_MS);
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
