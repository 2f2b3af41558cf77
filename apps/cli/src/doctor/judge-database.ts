import { type DatabaseFacts, judgeDurability, type MissingRights } from "@pedidos/persistence";
import { type Finding, findingsAbout, MOST_CLOCK_MS } from "./finding.ts";

const [OLDEST, NEWEST] = [15, 18];

const { ok, note, problem } = findingsAbout("database");

/** → the findings about a database. */
export function judgeDatabase(facts: DatabaseFacts): Finding[] {
  const major = Math.floor(facts.version / 10_000);
  const findings = [
    major < OLDEST
      ? problem(`PostgreSQL ${major} is too old`, `Upgrade it to one of ${OLDEST} to ${NEWEST}.`)
      : major > NEWEST
        ? note(`PostgreSQL ${major} is newer than what was tested`, `Tested are ${OLDEST} to ${NEWEST}.`)
        : ok(`PostgreSQL ${major}.${facts.version % 10_000}`),
  ];
  if (facts.encoding !== "UTF8")
    findings.push(problem(`its encoding is ${facts.encoding}`, "Make a database with encoding UTF8, and move to it."));
  if (facts.isReadOnly)
    findings.push(problem("it is read-only", "Point DATABASE_URL at the primary, or make this one writable."));
  if (Math.abs(facts.clockAheadMs) > MOST_CLOCK_MS)
    findings.push(
      problem(
        `its clock is ${Math.abs(facts.clockAheadMs) / 1_000} s ${facts.clockAheadMs > 0 ? "ahead of" : "behind"} this machine's`,
        "Have both keep time by NTP.",
      ),
    );
  if (facts.pending === null)
    findings.push(note("this user may not see which files of the schema are applied", "Ask as the owner."));
  else if (facts.pending.length > 0)
    findings.push(
      problem(`not applied: ${facts.pending.join(", ")}`, "Run node apps/migrate/dist/main.js as the owner."),
    );
  else findings.push(ok("every file of the schema is applied"));
  if (facts.missingColumns.length > 0)
    findings.push(
      problem(
        `columns are missing: ${facts.missingColumns.join(", ")}`,
        "Migrate, or give what was renamed its name back. Until then what needs them is not recorded; nothing is rejected for it.",
      ),
    );
  if (facts.rights !== null) findings.push(...judgeRights(facts.rights));
  if (!facts.durability.seesOthers)
    findings.push(
      note(
        "this user does not see the transactions of others, nor standbys",
        "Ask as a member of pg_monitor whether one holds back vacuum.",
      ),
    );
  findings.push(...judgeDurability(facts.durability).map((concern) => ({ about: "database" as const, ...concern })));
  return findings;
}

const GRANT =
  "Migrate; then, as the owner, run the files of infra/sql with grants in their name again, in order. Until then nothing is lost, and nothing is rejected for it.";

function judgeRights(rights: MissingRights): Finding[] {
  const processes = [
    { name: "API", ...rights.api },
    { name: "consumer", ...rights.consumer },
  ];
  const meant = processes.filter(({ isMeant }) => isMeant);
  if (meant.length === 0)
    return [problem("this user may do neither what the API does nor what the consumer does", GRANT)];
  return meant.map(({ name, lacks }) =>
    lacks.length === 0
      ? ok(`this user may do all that the ${name} does`)
      : problem(`for the ${name} this user lacks ${lacks.join(", ")}`, GRANT),
  );
}
