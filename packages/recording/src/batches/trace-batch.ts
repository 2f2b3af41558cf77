import { EVENTS_EXCHANGE } from "@pedidos/contract";
import type { Span, Tracing } from "@pedidos/tracing";
import type { Line } from "../lines/line.ts";

export type BatchTrace = NonNullable<ReturnType<typeof traceBatch>>;

/** A span takes no more links. */
const MOST_TRACES = 128;

/**
 * Begins the spans of a batch: one of its own, linked to its orders, and one in the trace of each of these, linked to it.
 *
 * @returns undefined if none of its lines belongs to a sampled trace
 */
export function traceBatch(tracing: Tracing, lines: readonly Pick<Line, "traceparent">[]) {
  const contexts = [...new Set(lines.flatMap(({ traceparent }) => traceparent ?? []))].slice(0, MOST_TRACES);
  if (contexts.length === 0) return undefined;
  const attributes = { "messaging.batch.message_count": lines.length };
  const batch = tracing.start("record batch", { kind: "consumer", links: contexts, attributes });
  const links = linksTo(batch);
  const orders = contexts.map((parent) => tracing.start("record order", { kind: "consumer", parent, links }));
  return {
    /** @param outcome its error if it was not recorded, and is tried again */
    end: endAll([...orders, batch]),
    /** Begins the spans of the announcement of what was recorded. `traceparent` goes with its messages. */
    announce() {
      const attributes = { "messaging.system": "rabbitmq", "messaging.destination.name": EVENTS_EXCHANGE };
      const announcing = tracing.start("announce batch", { kind: "producer", attributes, parent: batch.traceparent });
      const links = linksTo(announcing);
      const each = orders.map(({ traceparent: parent }) =>
        tracing.start("announce order", { kind: "producer", attributes, parent, links }),
      );
      return { traceparent: announcing.traceparent, end: endAll([...each, announcing]) };
    },
  };
}

function endAll(spans: readonly Span[]) {
  return (outcome: { readonly error?: unknown }): void => {
    for (const span of spans) span.end(outcome);
  };
}

function linksTo({ traceparent }: Span): string[] {
  return traceparent === undefined ? [] : [traceparent];
}
