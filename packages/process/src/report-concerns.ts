import type { Log } from "./open-log.ts";

/** Something about a server that its operator should know. `note`: it is a choice, not a mistake. */
export type Concern = {
  readonly state: "note" | "problem";
  /** Identifies the concern: the text stays the same while the concern does. */
  readonly what: string;
  /** What the operator can do. */
  readonly todo: string;
};

export type ReportOptions = {
  /** The subject: each line of the log begins with it. */
  readonly about: string;
  /** Rejects while the server is away, which others report. */
  readonly find: () => Promise<readonly Concern[]>;
  readonly log: Pick<Log, "info" | "warn">;
};

const FIRST_MS = 3_000;
const EVERY_MS = 600_000;
const RETRY_MS = 15_000;

/** Checks a server from time to time, and logs each concern once when it appears and once when it is gone. */
export function reportConcerns({ about, find, log }: ReportOptions): void {
  let known: readonly Concern[] = [];
  const check = async () => {
    try {
      const found = await find();
      for (const { state, what, todo } of without(found, known))
        log[state === "problem" ? "warn" : "info"]({ todo }, `${about}: ${what}`);
      for (const { what } of without(known, found)) log.info(`${about}: no longer: ${what}`);
      known = found;
      checkAfter(EVERY_MS);
    } catch {
      checkAfter(RETRY_MS);
    }
  };
  const checkAfter = (ms: number) => void setTimeout(check, ms).unref();
  checkAfter(FIRST_MS);
}

function without(concerns: readonly Concern[], others: readonly Concern[]): Concern[] {
  return concerns.filter(({ what }) => !others.some((other) => other.what === what));
}
