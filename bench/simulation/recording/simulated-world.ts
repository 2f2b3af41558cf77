import type { Scheduler } from "fast-check";

/**
 * What becomes of a call: it is done; its connection is lost with nothing done, or after it was done; or the database
 * answers it with an error.
 */
export type Fate = "done" | "fails" | "done_untold" | "answered";
/**
 * What can happen between two steps of a process. "refusing": the database answers each try of recording with an error;
 * "refusing_unseen": and a probe does not show it.
 */
export type Fault =
  | "kill"
  | "terminate"
  | "database_away"
  | "channel_lost"
  | "paused"
  | "refusing"
  | "refusing_unseen"
  | "queue_full";

/** The connection is lost. */
export class Outage extends Error {}
/** The content of an order is refused. */
export class Refusal extends Error {}
/** The database answers, and does not do it. */
export class Answered extends Error {
  readonly isPerOrder: boolean;
  constructor(isPerOrder = false) {
    super("answered with an error");
    this.isPerOrder = isPerOrder;
  }
}

/** One life of the process: what it still has under way when it is killed has no effect, and no answer. */
export type Life = { isOver: boolean };

export type SpoolRow = {
  readonly spoolId: number;
  readonly source: "http" | "orders.intake";
  readonly body: Buffer;
  tries: number;
  suspect: boolean;
  leasedUntil: number | null;
  claimedBy: Life | null;
  retryAt: number | null;
  refusals: number;
};

export type OutboxRow = {
  readonly at: number;
  readonly ids: readonly string[];
  attempts: number;
  /** Undefined until a sweep attempts it. */
  nextAttemptAt: number | undefined;
};

export type Queued = {
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly isAwaited: boolean;
  wasDelivered: boolean;
};

/** What outlives the process: the database, the broker, and what subscribers have heard. */
export type World = {
  readonly scheduler: Pick<Scheduler, "schedule">;
  /** Of the calls to come; those left out are done. */
  readonly fates: Fate[];
  readonly leaseMs: number;
  isDatabaseUp: boolean;
  isPaused: boolean;
  isRefusing: boolean;
  isRefusalUnseen: boolean;
  /** Until then orders of "held" are refused, and no others. */
  readonly heldUntil: number;
  /** By order id: the bytes that were recorded under it. */
  readonly orders: Map<number, string>;
  readonly rejections: Map<string, { readonly rejectionId: number; readonly reason: string }>;
  readonly spool: Map<number, SpoolRow>;
  readonly outbox: Map<number, OutboxRow>;
  readonly queue: Queued[];
  readonly heard: Set<string>;
  /** By a subscriber whose queue is full at times, and then refuses. */
  readonly heardByFull: Set<string>;
  isQueueFull: boolean;
  /** Broken promises. */
  readonly findings: string[];
  /** How often an order has ended the process that tried it. */
  readonly kills: Map<string, number>;
  /** How often it was spooled: again, if the process ended before it acknowledged. Each copy has its own tries. */
  readonly copies: Map<string, number>;
  nextId: number;
  kill: () => void;
};

/** A world in which nothing has happened, and nothing fails. */
export function emptyWorld(scheduler: World["scheduler"]): World {
  return {
    scheduler,
    fates: [],
    leaseMs: 0,
    isDatabaseUp: true,
    isPaused: false,
    isRefusing: false,
    isRefusalUnseen: false,
    heldUntil: 0,
    orders: new Map(),
    rejections: new Map(),
    spool: new Map(),
    outbox: new Map(),
    queue: [],
    heard: new Set(),
    heardByFull: new Set(),
    isQueueFull: false,
    findings: [],
    kills: new Map(),
    copies: new Map(),
    nextId: 1,
    kill() {},
  };
}

/** A call over the network: it comes to its end whenever the scheduler says so, or never, if the process has ended. */
export async function call<Result>(
  world: World,
  life: Life,
  label: string,
  act: () => Result,
  options: { readonly needsDatabase: boolean } = { needsDatabase: true },
): Promise<Result> {
  await world.scheduler.schedule(Promise.resolve(), label);
  if (life.isOver) return await new Promise<never>(() => {});
  const fate = world.fates.pop() ?? "done";
  if (fate === "answered" && options.needsDatabase && world.isDatabaseUp) throw new Answered();
  if (fate === "fails" || fate === "answered" || (options.needsDatabase && !world.isDatabaseUp))
    throw new Outage(`${label} failed`);
  const result = act();
  // The call itself may have ended the process.
  if (life.isOver) return await new Promise<never>(() => {});
  if (fate === "done_untold") throw new Outage(`${label} was done, and its reply lost`);
  return result;
}
