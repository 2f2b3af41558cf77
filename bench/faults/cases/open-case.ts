import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, vi } from "vitest";
import { checkWhenIdle } from "../await-idle.ts";
import { checkHistory } from "../check-history.ts";
import type { Operation, Outcome, SentOrder } from "../history.ts";
import { openRandom } from "../random.ts";
import { type FaultSystemOptions, startFaultSystem } from "../start-fault-system.ts";
import { openAmqpClient } from "../submit-by-amqp.ts";
import { openHttpClient } from "../submit-by-http.ts";
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
function entries(): NonNullable<FaultSystemOptions["entries"]> {
  const api = broken(process.env.BROKEN_API);
  const consumer = broken(process.env.BROKEN_CONSUMER);
  return { ...(api && { api }), ...(consumer && { consumer }) };
}

/**
 * A system under one fault: submissions go to a history, which is checked at the end. All that is opened here is
 * closed when the test has finished.
 */
export async function openCase(options: FaultSystemOptions = {}) {
  const system = await startFaultSystem({ entries: entries(), ...options });
  onTestFinished(system.remove);
  const operations: Operation[] = [];
  const record = (operation: Operation) => void operations.push(operation);
  const writer = openWriter(openRandom(1, "case"), { nextId: 1, recent: [] });
  const openHttp = (api: { readonly name: string; readonly port: number }) => {
    const client = openHttpClient(api, record);
    onTestFinished(client.close);
    return client;
  };
  const http = { api1: openHttp(system.apps.api1), api2: openHttp(system.apps.api2) };
  let watched: Awaited<ReturnType<typeof watchEvents>> | undefined;

  function newOrder(): SentOrder {
    for (;;) {
      const line = writer.next("english");
      if (line.kind === "order") return line;
    }
  }

  /** Waits until nothing is pending any more, and checks the history. */
  async function settle(limitMs = 60_000): Promise<Verdict> {
    const events = watched?.events ?? new Map();
    const { verdict } = await checkWhenIdle(system, Date.now() + limitMs, (tables) => {
      const verdict = checkHistory({ operations, events, badEnds: system.badEnds }, tables);
      if (watched !== undefined) return verdict;
      return { ...verdict, findings: verdict.findings.filter(({ kind }) => kind !== "unannounced") };
    });
    return verdict;
  }

  return {
    system,
    operations,
    http,
    openHttp,
    newOrder,
    newOrders: (count: number) => Array.from({ length: count }, newOrder),
    /** Takes events in from now on. */
    async watch() {
      watched = await watchEvents(system.amqpUrl);
      onTestFinished(watched.close);
      return watched.events;
    },
    /** A producer of another team, once its first order has an outcome. */
    async openProducer() {
      const producer = openAmqpClient(system.amqpUrl, record);
      onTestFinished(producer.close);
      const isConnected = async () => expect(await producer.submit([newOrder()], "\n")).toBeDefined();
      await vi.waitFor(isConnected, { timeout: 20_000 });
      return producer;
    },
    /** A session of an administrator. */
    async connect() {
      const client = new pg.Client({ connectionString: system.databaseUrl });
      client.on("error", () => {});
      await client.connect();
      onTestFinished(() => client.end());
      return client;
    },
    record,
    settle,
    /** As `settle`; fails if there are findings. */
    async expectSound(limitMs?: number) {
      const verdict = await settle(limitMs);
      expect(verdict.findings, writeVerdict(verdict)).toEqual([]);
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

export async function readiness(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  return await response.text();
}

/** The longest time that answers to single orders took, of those sent since then. */
export function slowest(operations: readonly Operation[], sinceMs = 0): number {
  const since = operations.filter(({ sentAt, road }) => sentAt >= sinceMs && road === "single");
  return since.reduce((most, { sentAt, endedAt }) => Math.max(most, endedAt - sentAt), 0);
}
