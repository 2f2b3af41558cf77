import type { Overview } from "@pedidos/contract";

/** Something that somebody should know, and the page's place to act on it; null if that is no place of the page. */
export type Concern = Known & { readonly tone: "bad" | "care"; readonly href: string | null };

type Known =
  | { readonly kind: "unavailable" | "brokerDown" | "idle" | "unknown" }
  | { readonly kind: "databaseDown"; readonly hasBroker: boolean }
  | { readonly kind: "noConsumer" | "paused"; readonly waiting: number }
  | { readonly kind: "stalled"; readonly waiting: number; readonly since: string }
  | { readonly kind: "lags" | "slow" | "unannounced"; readonly seconds: number }
  | { readonly kind: "deadLetters"; readonly count: number }
  | { readonly kind: "rejections"; readonly fresh: number; readonly conflicts: number };

/** An order that waits longer to be recorded, or one of 100 that took longer, is late. */
const LATE_SECONDS = 10;
/** What is recorded is announced within seconds; the alert PedidosOutboxOld says the same. */
const UNANNOUNCED_SECONDS = 120;

/** Each judges one thing. The worst comes first. */
const judges: readonly ((overview: Overview) => Concern | null)[] = [
  judgeAcceptance,
  judgeDatabase,
  judgeProgress,
  judgeLag,
  judgeBroker,
  judgeDeadLetters,
  judgeAnnouncing,
  judgeRejections,
  judgeConsumers,
  judgeKnowledge,
  judgePause,
];

/** → all that is wrong, the worst first; nothing if all is well. */
export function weighOverview(overview: Overview): readonly Concern[] {
  return judges.flatMap((judge) => judge(overview) ?? []);
}

function judgeAcceptance({ readiness }: Overview): Concern | null {
  return readiness.status === "unavailable" ? { kind: "unavailable", tone: "bad", href: null } : null;
}

function judgeDatabase({ readiness: { dependencies } }: Overview): Concern | null {
  if (dependencies.database === "up") return null;
  return { kind: "databaseDown", tone: "bad", href: null, hasBroker: dependencies.broker !== undefined };
}

/** Orders wait, and nothing is recorded: nobody consumes them, or who does can't record. */
function judgeProgress(overview: Overview): Concern | null {
  const waiting = countWaiting(overview);
  if (isPaused(overview) || waiting === 0) return null;
  if (overview.consumers === 0) return { kind: "noConsumer", tone: "bad", href: null, waiting };
  const { stalledSince: since } = overview;
  return since === null ? null : { kind: "stalled", tone: "bad", href: null, waiting, since };
}

function judgeLag(overview: Overview): Concern | null {
  if (isPaused(overview)) return null;
  const { delays, backlog } = overview;
  const oldest = Math.max(delays.oldestWaitingSeconds, backlog.spool?.oldestSeconds ?? 0);
  if (oldest > LATE_SECONDS) return { kind: "lags", tone: "care", href: null, seconds: oldest };
  const slowest = (delays.p99Ms ?? 0) / 1_000;
  return slowest > LATE_SECONDS ? { kind: "slow", tone: "care", href: null, seconds: slowest } : null;
}

function judgeBroker({ readiness: { dependencies } }: Overview): Concern | null {
  return dependencies.broker === "down" ? { kind: "brokerDown", tone: "care", href: null } : null;
}

function judgeDeadLetters({ backlog }: Overview): Concern | null {
  const count = backlog.queues?.["orders.dead-letter"] ?? 0;
  return count === 0 ? null : { kind: "deadLetters", tone: "care", href: "#/dead-letters", count };
}

function judgeAnnouncing({ backlog }: Overview): Concern | null {
  const seconds = backlog.outbox?.oldestSeconds ?? 0;
  return seconds > UNANNOUNCED_SECONDS ? { kind: "unannounced", tone: "care", href: null, seconds } : null;
}

function judgeRejections({ rejections }: Overview): Concern | null {
  const { fresh = 0, conflicts = 0 } = rejections ?? {};
  if (fresh === 0) return null;
  const href = fresh === conflicts ? "#/rejections?reason=order_conflict" : "#/rejections";
  return { kind: "rejections", tone: "care", href, fresh, conflicts };
}

/** Nothing waits yet, but the next order will. */
function judgeConsumers(overview: Overview): Concern | null {
  const isIdle = overview.consumers === 0 && !isPaused(overview) && countWaiting(overview) === 0;
  return isIdle ? { kind: "idle", tone: "care", href: null } : null;
}

/** With all servers up, a figure that is missing is one that did not come in time. */
function judgeKnowledge({ readiness, backlog, consumers, rejections }: Overview): Concern | null {
  if (readiness.status !== "ready") return null;
  const ofBroker = readiness.dependencies.broker === undefined ? [] : [backlog.queues, consumers];
  const isMissing = [backlog.spool, rejections, ...ofBroker].includes(null);
  return isMissing ? { kind: "unknown", tone: "care", href: null } : null;
}

function judgePause(overview: Overview): Concern | null {
  return isPaused(overview) ? { kind: "paused", tone: "care", href: null, waiting: countWaiting(overview) } : null;
}

function isPaused({ readiness }: Overview): boolean {
  return readiness.consuming === "paused";
}

/** At least how many orders wait to be recorded: a message may hold many, and those of the sample may be among them. */
function countWaiting({ backlog: { queues, spool }, delays }: Overview): number {
  const queued = (queues?.["orders.intake"] ?? 0) + (queues?.pedidos ?? 0);
  return Math.max(queued + (spool?.orders ?? 0), delays.waiting);
}
