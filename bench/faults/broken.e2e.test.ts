import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Servers } from "../harness/start-servers.ts";
import type { Fault } from "./plan-faults.ts";
import { type FaultRunOptions, runFaults } from "./run-faults.ts";
import { startFaultServers } from "./start-fault-system.ts";
import { countOf, type FindingKind, writeVerdict } from "./verdict.ts";

/** The checker on systems that lack a safeguard: it must report each. And on the whole one, broken in the same ways. */
let servers: Servers;
beforeAll(async () => {
  servers = await startFaultServers();
  return servers.remove;
});

const broken = (name: string) => join(import.meta.dirname, "broken", `${name}.ts`);

/** Commits stand still, and the consumers are killed with deliveries in flight. */
const killedBeforeCommit: readonly Fault[] = [
  { kind: "stall", target: "consumer1.postgres", atMs: 1_000, forMs: 1_500 },
  { kind: "stall", target: "consumer2.postgres", atMs: 1_000, forMs: 1_500 },
  { kind: "kill", target: "consumer1", atMs: 2_000, forMs: 100 },
  { kind: "kill", target: "consumer2", atMs: 2_100, forMs: 100 },
];
/** What the APIs publish stays in flight until they give it up. */
const publishesLost: readonly Fault[] = [
  { kind: "stall", target: "api1.rabbitmq", atMs: 1_000, forMs: 1_500 },
  { kind: "stall", target: "api2.rabbitmq", atMs: 1_000, forMs: 1_500 },
];
const alarm: readonly Fault[] = [{ kind: "alarm", target: "rabbitmq", atMs: 500, forMs: 2_000 }];
/** Commits stand still, and go on when the broker is gone; the announcing process is killed before it is back. */
const killedBeforeAnnouncing: readonly Fault[] = [
  { kind: "stall", target: "consumer1.postgres", atMs: 1_000, forMs: 1_500 },
  { kind: "stall", target: "consumer2.postgres", atMs: 1_000, forMs: 1_500 },
  { kind: "kill", target: "rabbitmq", atMs: 2_000, forMs: 2_000 },
  { kind: "kill", target: "consumer1", atMs: 3_200, forMs: 100 },
  { kind: "kill", target: "consumer2", atMs: 3_200, forMs: 100 },
];

/** It answers each try of recording with an error for longer than four tries take. */
const refusing: readonly Fault[] = [
  { kind: "refuse", target: "database", trouble: "a right is missing", atMs: 500, forMs: 12_000 },
];

type Case = { readonly finds: FindingKind; readonly plan: readonly Fault[] } & Pick<FaultRunOptions, "entries">;

const cases: Readonly<Record<string, Case>> = {
  "acknowledge before commit": {
    finds: "lost",
    plan: killedBeforeCommit,
    entries: { consumer: broken("acknowledge-before-commit") },
  },
  "no fingerprint": { finds: "unrejected", plan: [], entries: { consumer: broken("no-fingerprint") } },
  "announce before commit": { finds: "early", plan: [], entries: { consumer: broken("announce-before-commit") } },
  "publish without waiting for the confirm": {
    finds: "lost",
    plan: publishesLost,
    entries: { api: broken("publish-without-confirm") },
  },
  "outbox row left out": {
    finds: "unannounced",
    plan: killedBeforeAnnouncing,
    entries: { consumer: broken("no-outbox-row") },
  },
  "what the database answers counts as a try": {
    finds: "poisoned",
    plan: refusing,
    entries: { consumer: broken("count-answers") },
  },
};

const run = (options: Pick<FaultRunOptions, "plan" | "entries">) =>
  runFaults({ seed: 1, durationMs: 4_000, idleLimitMs: 30_000, servers, ...options });

test.each(Object.entries(cases))("reports: %s", async (_name, { finds, plan, entries = {} }) => {
  const { verdict } = await run({ plan, entries });
  expect(countOf(verdict, finds), writeVerdict(verdict)).toBeGreaterThan(0);
});

const atOnce = [...alarm, ...killedBeforeCommit, ...publishesLost].sort((a, b) => a.atMs - b.atMs);

test.each([atOnce, killedBeforeAnnouncing, refusing])("finds nothing if no safeguard is missing", async (...plan) => {
  const { verdict } = await run({ plan });
  expect(verdict.findings, writeVerdict(verdict)).toEqual([]);
  expect(verdict.figures.recorded).toBeGreaterThan(100);
});
