/** How clauses of faults are written in a language: what the API writes, with its figures in groups, and its translation. */
export type FaultClauses = readonly (readonly [written: RegExp, translation: string])[];

/**
 * → a fault in the reader's language; as it is if the language has no words for it. Faults are kept with their rejections,
 * as texts of the domain, so they are translated by those texts, clause by clause: "is 0; must be an integer from 1 to 9".
 */
export function translateFault(detail: string, clauses: FaultClauses): string {
  const translated = detail.split("; ").map((clause) => {
    const [written, translation] = clauses.find(([known]) => known.test(clause)) ?? [];
    return written === undefined || translation === undefined ? undefined : clause.replace(written, translation);
  });
  return translated.every((clause) => clause !== undefined) ? translated.join("; ") : detail;
}
