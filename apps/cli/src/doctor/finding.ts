/** One thing that was looked at. `note`: nothing is wrong, and it is good to know, or could not be seen. */
export type Finding = {
  readonly about: "node" | "settings" | "api" | "database" | "broker";
  readonly state: "ok" | "note" | "problem";
  readonly what: string;
  /** Of what is not ok: what to do. */
  readonly todo?: string;
};

export function finding(about: Finding["about"], state: Finding["state"], what: string, todo?: string): Finding {
  return { about, state, what, ...(todo !== undefined && { todo }) };
}

/** Clocks that differ by more spoil delays that are measured, and periods that are asked for. */
export const MOST_CLOCK_MS = 2_000;
