import type { DatabaseFacts } from "@pedidos/persistence";
import { type Finding, finding, MOST_CLOCK_MS } from "./finding.ts";

const [OLDEST, NEWEST] = [15, 18];

/** → what is to be said of a database. */
export function judgeDatabase(facts: DatabaseFacts): Finding[] {
  const say = (state: Finding["state"], what: string, todo?: string) => finding("database", state, what, todo);
  const major = Math.floor(facts.version / 10_000);
  const findings = [
    major < OLDEST
      ? say("problem", `PostgreSQL ${major} is too old`, `Upgrade it to one of ${OLDEST} to ${NEWEST}.`)
      : major > NEWEST
        ? say("note", `PostgreSQL ${major} is newer than what was tested`, `Tested are ${OLDEST} to ${NEWEST}.`)
        : say("ok", `PostgreSQL ${major}.${facts.version % 10_000}`),
  ];
  if (facts.encoding !== "UTF8")
    findings.push(
      say("problem", `its encoding is ${facts.encoding}`, "Make a database with encoding UTF8, and move to it."),
    );
  if (facts.isReadOnly)
    findings.push(say("problem", "it is read-only", "Point DATABASE_URL at the primary, or make this one writable."));
  if (Math.abs(facts.clockAheadMs) > MOST_CLOCK_MS)
    findings.push(
      say(
        "problem",
        `its clock is ${Math.abs(facts.clockAheadMs) / 1_000} s ${facts.clockAheadMs > 0 ? "ahead of" : "behind"} this machine's`,
        "Have both keep time by NTP.",
      ),
    );
  if (facts.pending === null)
    findings.push(say("note", "this user may not see which files of the schema are applied", "Ask as the owner."));
  else if (facts.pending.length > 0)
    findings.push(
      say("problem", `not applied: ${facts.pending.join(", ")}`, "Run node apps/migrate/dist/main.js as the owner."),
    );
  else findings.push(say("ok", "every file of the schema is applied"));
  if (facts.lacks.length > 0)
    findings.push(
      say(
        "problem",
        `this user lacks ${facts.lacks.join(", ")}`,
        "Migrate; then, as the owner, run the files of infra/sql with grants in their name again, in order. The consumer's own user reads only whether consuming is paused, which is right.",
      ),
    );
  return findings;
}
