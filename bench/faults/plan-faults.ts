import { openRandom } from "./random.ts";
import { TROUBLE_NAMES, type TroubleName } from "./trouble-database.ts";

export const APPS = ["api1", "api2", "consumer1", "consumer2"] as const;
export const SERVERS = ["postgres", "rabbitmq"] as const;
export type AppName = (typeof APPS)[number];
export type ServerName = (typeof SERVERS)[number];
export type ProcessName = AppName | ServerName;
/** The connections of one process to one server, which go through a relay of their own. */
export type LinkName = `${AppName}.${ServerName}`;
export const LINKS: readonly LinkName[] = APPS.flatMap((app) => SERVERS.map((server) => `${app}.${server}` as const));

/** Something that is done to the system at a time, and undone some time later. */
export type Fault = { readonly atMs: number; readonly forMs: number } & (
  | { readonly kind: "kill" | "freeze" | "terminate"; readonly target: ProcessName }
  | { readonly kind: "cut" | "stall"; readonly target: LinkName }
  | { readonly kind: "delay"; readonly target: LinkName; readonly delayMs: number }
  | { readonly kind: "alarm" | "unbind" | "delete"; readonly target: "rabbitmq" }
  | { readonly kind: "refuse"; readonly target: "database"; readonly trouble: TroubleName }
);
export type FaultKind = Fault["kind"];

type Choice = readonly [weight: number, kind: FaultKind, targets: readonly string[], leastMs: number, mostMs: number];

/** How often each fault comes, and how long it lasts. A kill or an end lasts until the process is started again. */
const CHOICES: readonly Choice[] = [
  [3, "kill", ["api1", "api2"], 50, 2_500],
  [5, "kill", ["consumer1", "consumer2"], 50, 2_500],
  [3, "kill", ["postgres"], 50, 3_000],
  [2, "kill", ["rabbitmq"], 50, 3_000],
  [2, "freeze", ["api1", "api2"], 200, 6_000],
  [3, "freeze", ["consumer1", "consumer2"], 200, 14_000],
  [2, "freeze", ["postgres"], 200, 7_000],
  [2, "freeze", ["rabbitmq"], 200, 8_000],
  [2, "terminate", ["api1", "api2"], 50, 500],
  [2, "terminate", ["consumer1", "consumer2"], 50, 500],
  [1, "terminate", ["postgres"], 50, 3_000],
  [4, "cut", LINKS, 1, 1],
  [3, "delay", LINKS, 500, 4_000],
  [2, "stall", LINKS, 300, 8_000],
  [2, "alarm", ["rabbitmq"], 1_000, 8_000],
  [1, "unbind", ["rabbitmq"], 200, 2_000],
  [1, "delete", ["rabbitmq"], 1, 1],
  [5, "refuse", TROUBLE_NAMES, 500, 8_000],
];

/** How long a process recovers from a fault before it gets another one. */
const RECOVERY_MS: Readonly<Record<string, number>> = { rabbitmq: 9_000, postgres: 2_000 };
const APP_RECOVERY_MS = 1_500;
const PAUSE_MS = { least: 100, most: 1_800 };

/**
 * The faults of a run, in order of time: a pure function of its seed. Several last at once, but only one each process or
 * link.
 */
export function planFaults({ seed, durationMs }: { seed: number; durationMs: number }): Fault[] {
  const random = openRandom(seed, "faults");
  const freeAt = new Map<string, number>();
  const faults: Fault[] = [];
  for (let atMs = 1_000; atMs < durationMs; atMs += random.integer(PAUSE_MS.least, PAUSE_MS.most)) {
    const fault = drawFault(random, atMs);
    if (fault === undefined || (freeAt.get(fault.target) ?? 0) > atMs) continue;
    freeAt.set(fault.target, atMs + fault.forMs + (RECOVERY_MS[fault.target] ?? APP_RECOVERY_MS));
    faults.push(fault);
  }
  return faults;
}

function drawFault(random: ReturnType<typeof openRandom>, atMs: number): Fault | undefined {
  let weight = random.next() * CHOICES.reduce((sum, [each]) => sum + each, 0);
  const choice = CHOICES.find(([each]) => {
    weight -= each;
    return weight < 0;
  });
  if (choice === undefined) return undefined;
  const [, kind, targets, least, most] = choice;
  const name = targets[random.integer(0, targets.length - 1)];
  // Short ones are as likely as long ones.
  const forMs = Math.round(least * (most / least) ** random.next());
  const delayMs = random.integer(5, 400);
  const link = LINKS.find((each) => each === name);
  const process = [...APPS, ...SERVERS].find((each) => each === name);
  const trouble = TROUBLE_NAMES.find((each) => each === name);
  if (kind === "refuse") return trouble && { kind, target: "database", trouble, atMs, forMs };
  if (kind === "delay") return link && { kind, target: link, atMs, forMs, delayMs };
  if (kind === "cut" || kind === "stall") return link && { kind, target: link, atMs, forMs };
  if (kind === "kill" || kind === "freeze" || kind === "terminate")
    return process && { kind, target: process, atMs, forMs };
  return { kind, target: "rabbitmq", atMs, forMs };
}
