import { join } from "node:path";
import { checkAtRest } from "../await-rest.ts";
import { checkHistory } from "../check-history.ts";
import type { Operation, Outcome, SentOrder } from "../history.ts";
import { openRandom } from "../random.ts";
import { type SystemOptions, startSystem } from "../start-system.ts";
import { type HttpClient, openHttpClient } from "../submit-by-http.ts";
import { type Verdict, writeVerdict } from "../verdict.ts";
import { watchEvents } from "../watch-events.ts";
import { openWriter } from "../write-orders.ts";

/** A file of `broken/` by its name; undefined without one. */
export function broken(name: string | undefined): string | undefined {
  return name && join(import.meta.dirname, "../broken", `${name}.ts`);
}

/**
 * The cases are run without a safeguard where BROKEN_API or BROKEN_CONSUMER names a file of `broken/`: then the one that
 * is about it must fail.
 */
function entries(): NonNullable<SystemOptions["entries"]> {
  const api = broken(process.env.BROKEN_API);
  const consumer = broken(process.env.BROKEN_CONSUMER);
  return { ...(api && { api }), ...(consumer && { consumer }) };
}

/** A system under one fault: what is submitted goes to a history, which is checked at the end. */
export async function openCase(options: SystemOptions = {}) {
  const system = await startSystem({ entries: entries(), ...options });
  const operations: Operation[] = [];
  const record = (operation: Operation) => void operations.push(operation);
  const writer = openWriter(openRandom(1, "case"), { nextId: 1, recent: [] });
  const http: Record<"api1" | "api2", HttpClient> = {
    api1: openHttpClient(system.apps.api1, record),
    api2: openHttpClient(system.apps.api2, record),
  };
  let watched: Awaited<ReturnType<typeof watchEvents>> | undefined;

  function newOrder(): SentOrder {
    for (;;) {
      const line = writer.next("english");
      if (line.kind === "order") return line;
    }
  }

  return {
    system,
    operations,
    record,
    http,
    newOrder,
    newOrders: (count: number) => Array.from({ length: count }, newOrder),
    /** Takes events in from now on. */
    async watch() {
      watched = await watchEvents(system.amqpUrl);
      return watched.events;
    },
    /** Waits until nothing waits any more, and checks the history. */
    async settle(limitMs = 60_000): Promise<Verdict> {
      const events = watched?.events ?? new Map();
      const { verdict } = await checkAtRest(system, Date.now() + limitMs, (tables) => {
        const verdict = checkHistory({ operations, events, badEnds: system.badEnds }, tables);
        if (watched !== undefined) return verdict;
        return { ...verdict, findings: verdict.findings.filter(({ kind }) => kind !== "unannounced") };
      });
      return verdict;
    },
    async close() {
      for (const client of Object.values(http)) client.close();
      await watched?.close();
      await system.remove();
    },
  };
}
export type Case = Awaited<ReturnType<typeof openCase>>;

/** Statuses of answers, each with how often it came; what is not an answer by its kind. */
export function tally(outcomes: readonly (Outcome | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = outcome?.kind === "answered" ? String(outcome.status) : (outcome?.kind ?? "nothing");
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The verdict's findings, and all of it to be shown should there be any. */
export function findingsOf(verdict: Verdict) {
  return [verdict.findings, writeVerdict(verdict)] as const;
}

export async function readiness(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  return await response.text();
}

/** The longest time that answers to single orders took, of those sent since then. */
export function slowest(operations: readonly Operation[], sinceMs = 0): number {
  const since = operations.filter(({ sentAt, road }) => sentAt >= sinceMs && road === "single");
  return since.reduce((most, { sentAt, endedAt }) => Math.max(most, endedAt - sentAt), 0);
}
