/** The result of one check. `note`: nothing is wrong; it is good to know, or could not be checked. */
export type Finding = {
  readonly about: "node" | "settings" | "api" | "database" | "broker";
  readonly state: "ok" | "note" | "problem";
  readonly what: string;
  /** What to do, if it is not ok. */
  readonly todo?: string;
};

/** → functions that make the findings about one thing. */
export function findingsAbout(about: Finding["about"]) {
  return {
    ok: (what: string): Finding => ({ about, state: "ok", what }),
    note: (what: string, todo: string): Finding => ({ about, state: "note", what, todo }),
    problem: (what: string, todo: string): Finding => ({ about, state: "problem", what, todo }),
  };
}

/** A larger difference of clocks falsifies measured delays, and the periods of queries. */
export const MOST_CLOCK_MS = 2_000;
