/** What can be wrong with a history. */
export const FINDINGS = {
  lost: "an order that was accepted is neither recorded nor rejected",
  duplicated: "an order or a rejection is there twice",
  unexpected: "something is recorded, rejected or announced that nobody sent, or that should not have been",
  altered: "what is recorded or announced differs from what was sent",
  sums: "a customer's count or sum differs from a recount from items",
  unrejected: "a conflict or a bad message that was accepted is not among the rejections",
  poisoned: "an order that is good became a rejection with reason poison",
  unannounced: "an order or a rejection has no event",
  early: "an order was announced, or answered as recorded, before its commit",
  misanswered: "an answer contradicts what was sent or what is kept",
  unanswered: "a request was neither answered nor its connection closed",
  left: "something is still pending though the system had time to become idle",
  ended: "a process ended by itself, or not gracefully when it was asked to",
} as const;
export type FindingKind = keyof typeof FINDINGS;

export type Finding = { readonly kind: FindingKind; readonly what: string };
export type Find = (kind: FindingKind, what: string) => void;

export type Verdict = {
  readonly findings: readonly Finding[];
  /** Figures that are neither good nor bad. */
  readonly figures: Readonly<Record<string, number>>;
};

export function countOf({ findings }: Verdict, kind: FindingKind): number {
  return findings.filter((finding) => finding.kind === kind).length;
}

/** The verdict as lines: the counts first, then the first findings of each kind. */
export function writeVerdict(verdict: Verdict, examples = 5): string {
  const names = Object.keys(FINDINGS).filter((name): name is FindingKind => name in FINDINGS);
  const counts = names.map((kind) => `${kind}=${countOf(verdict, kind)}`);
  const figures = Object.entries(verdict.figures).map(([name, value]) => `${name}=${value}`);
  const shown = names.flatMap((kind) => {
    const all = verdict.findings.filter((finding) => finding.kind === kind);
    const lines = all.slice(0, examples).map(({ what }) => `  ${kind}: ${what}`);
    return all.length > examples ? [...lines, `  ${kind}: and ${all.length - examples} more`] : lines;
  });
  return [counts.join(" "), figures.join(" "), ...shown].join("\n");
}
