import type { Scheduler } from "fast-check";

/** An order as it travels. */
type Body = Uint8Array;
/** What becomes of a publish or a commit: done; not done, and reported so; done, and its reply lost. */
export type Fate = "done" | "fails" | "done_untold";
export type Fault =
  | "connection_lost"
  | "blocked"
  | "silent"
  | "unbound"
  | "database_away"
  | "database_silent"
  | "terminate";

/** What outlives the process, and what was seen of it. */
export type World = {
  readonly scheduler: Pick<Scheduler, "schedule">;
  /** Of the publishes and the commits to come; those left out are done. */
  readonly publishFates: Fate[];
  readonly commitFates: Fate[];
  /** Orders by their text: in the broker's queue, in the spool table. */
  readonly queued: Set<string>;
  readonly spooled: Set<string>;
  /** Broken promises. */
  readonly findings: string[];
};

export const textOf = (body: Body) => Buffer.from(body).toString();
