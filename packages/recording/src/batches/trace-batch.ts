import type { Tracing } from "@pedidos/tracing";
import type { Line } from "../lines/line.ts";

/** The spans of a batch: one of its own, linked to its orders, and one in the trace of each of these, linked to it. */
export type BatchTrace = {
  readonly recorded: () => void;
  /** It was not recorded, and is tried again. */
  readonly failed: (error: unknown) => void;
  /** The announcement of what was recorded begins. */
  readonly announce: () => Announcing;
};

export type Announcing = {
  /** Goes with the messages. */
  readonly traceparent: string | undefined;
  readonly end: (outcome: { readonly error?: unknown }) => void;
};

/** A span takes no more links. */
const MOST_TRACES = 128;

/** Begins the spans of a batch; undefined where none of its lines belongs to a sampled trace. */
export function traceBatch(tracing: Tracing, lines: readonly Pick<Line, "traceparent">[]): BatchTrace | undefined {
  const traced = new Set<string>();
  for (const { traceparent } of lines) {
    if (traceparent === undefined) continue;
    traced.add(traceparent);
    if (traced.size === MOST_TRACES) break;
  }
  if (traced.size === 0) return undefined;
  const contexts = [...traced];
  const attributes = { "messaging.batch.message_count": lines.length };
  const batch = tracing.start("record batch", { kind: "consumer", links: contexts, attributes });
  const own = linksTo(batch.traceparent);
  const orders = contexts.map((parent) => tracing.start("record order", { kind: "consumer", parent, links: own }));
  const end = (outcome: { readonly error?: unknown }) => {
    for (const span of [...orders, batch]) span.end(outcome);
  };
  return {
    recorded: () => end({}),
    failed: (error) => end({ error }),
    announce() {
      const attributes = { "messaging.system": "rabbitmq", "messaging.destination.name": "orders.events" };
      const announcing = tracing.start("announce batch", { kind: "producer", attributes, parent: batch.traceparent });
      const links = linksTo(announcing.traceparent);
      const each = orders.map(({ traceparent: parent }) =>
        tracing.start("announce order", { kind: "producer", attributes, parent, links }),
      );
      return {
        traceparent: announcing.traceparent,
        end(outcome) {
          for (const span of [...each, announcing]) span.end(outcome);
        },
      };
    },
  };
}

function linksTo(traceparent: string | undefined): string[] {
  return traceparent === undefined ? [] : [traceparent];
}
