import { hash } from "node:crypto";
import type { DeadLetter } from "@pedidos/broker";
import { DEAD_LETTER_QUEUE, type DeathReason, deathReasons } from "@pedidos/contract";
import { INTAKE_QUEUE, limits, PEDIDOS_QUEUE, publishedSources, sources } from "@pedidos/domain";
import type { Message } from "amqplib";
import { isRecord } from "../is-record.ts";
import { ACCEPTED_AT, type OutgoingMessage } from "../publishing/messages.ts";

const ID_DIGITS = 32;

/** Reads a message of the queue of dead letters. What the broker counts in its headers changes with every reading. */
export function deadLetterOf({ content, fields, properties }: Message): DeadLetter {
  const headers: Readonly<Record<string, unknown>> = properties.headers ?? {};
  const death = lastDeath(headers["x-death"]);
  const acceptedAt = headers[ACCEPTED_AT];
  const source = sources.find((one) => one === headers.source);
  const { messageId, timestamp } = properties;
  const distinct = [fields.routingKey, messageId, timestamp, source, acceptedAt, death].map((value) => value ?? null);
  const digest = hash("sha256", Buffer.concat([Buffer.from(JSON.stringify(distinct)), content]), "hex");
  return {
    deadLetterId: digest.slice(0, ID_DIGITS),
    queue: queueOf(death?.queue ?? fields.routingKey),
    reason: reasonOf(death?.reason, source !== undefined && content.length > limits.bytes),
    body: content,
    contentType: typeof properties.contentType === "string" ? properties.contentType : undefined,
    source,
    diedAt: dateOf(death?.seconds, typeof acceptedAt === "number" ? acceptedAt : undefined),
  };
}

/**
 * The message that puts a dead letter back to where it came from, or to the intake queue: one that is no order becomes a
 * rejection there.
 */
export function revivedMessage({ queue, body, contentType, source }: DeadLetter): OutgoingMessage {
  return {
    exchange: "",
    routingKey: queue ?? INTAKE_QUEUE,
    body,
    contentType: contentType ?? "application/json",
    ...(source !== undefined && { source }),
  };
}

/** The newest of the deaths that the broker writes down, which it puts first. */
function lastDeath(deaths: unknown) {
  const death: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  if (!isRecord(death) || death.queue === DEAD_LETTER_QUEUE) return undefined;
  return { queue: death.queue, reason: death.reason, seconds: isRecord(death.time) ? death.time.value : undefined };
}

/** Orders that came over HTTP or were replayed were in the intake queue, too. */
function queueOf(name: unknown): DeadLetter["queue"] {
  if (name === PEDIDOS_QUEUE) return PEDIDOS_QUEUE;
  return name === INTAKE_QUEUE || publishedSources.some((source) => source === name) ? INTAKE_QUEUE : null;
}

function reasonOf(broker: unknown, isSetAside: boolean): DeathReason {
  if (broker === undefined && isSetAside) return "too_large";
  return deathReasons.find((reason) => reason === broker) ?? "unknown";
}

function dateOf(seconds: unknown, millis: number | undefined): Date | null {
  const time = typeof seconds === "number" ? seconds * 1_000 : millis;
  const date = time === undefined ? undefined : new Date(time);
  return date === undefined || Number.isNaN(date.getTime()) ? null : date;
}
