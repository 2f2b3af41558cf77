import type { Log } from "./open-log.ts";

/** Something about a server that someone should know. `note`: nothing is wrong, and it depends on what one wants. */
export type Concern = {
  readonly state: "note" | "problem";
  /** The same text for as long as it is the same matter. */
  readonly what: string;
  /** What to do about it. */
  readonly todo: string;
};

export type ReportOptions = {
  /** What the concerns are about, as the lines of the log begin. */
  readonly about: string;
  /** Rejects where the server is away, which others report. */
  readonly find: () => Promise<readonly Concern[]>;
  readonly log: Pick<Log, "info" | "warn">;
  /** How long to leave the process to its start, then between two looks, and after one that failed. */
  readonly firstMs?: number;
  readonly everyMs?: number;
  readonly retryMs?: number;
};

/** Logs what a server's durability depends on, beside all else: each concern once, and again when it has gone. */
export function reportConcerns({ about, find, log, ...options }: ReportOptions): void {
  const { firstMs = 3_000, everyMs = 600_000, retryMs = 15_000 } = options;
  let known: readonly Concern[] = [];
  const look = async () => {
    try {
      const found = await find();
      for (const { state, what, todo } of without(found, known))
        log[state === "problem" ? "warn" : "info"]({ todo }, `${about}: ${what}`);
      for (const { what } of without(known, found)) log.info(`${about}: no longer: ${what}`);
      known = found;
      again(everyMs);
    } catch {
      // It is away. A later look finds it, or its successor.
      again(retryMs);
    }
  };
  const again = (ms: number) => void setTimeout(look, ms).unref();
  again(firstMs);
}

function without(concerns: readonly Concern[], others: readonly Concern[]): Concern[] {
  return concerns.filter(({ what }) => !others.some((other) => other.what === what));
}
