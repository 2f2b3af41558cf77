import { MigrationRefused, MigrationUncertain } from "@pedidos/persistence";

/** The fields to log of a run that failed. */
export type Failure = {
  /** Why it failed, without a stack and without a row. */
  readonly reason?: string;
  readonly todo?: string;
  /** An unexpected error, to be logged with its stack. */
  readonly err?: unknown;
  readonly isUnchanged: boolean;
};

/** What to do, by SQLSTATE or the code of a network error. */
const TODOS: Readonly<Record<string, string>> = {
  "42501": "Name the owner of the schema's tables in DATABASE_URL, or give this user the right.",
  "42P07": "The schema holds another program's tables: give this one a schema of its own.",
  "55P03":
    "Another session holds a lock on a table for more than 30 s: find it in pg_stat_activity and pg_locks, end it, and run this again.",
  "53100": "Free space on the disk of the database, and run this again.",
  "3D000": "Create the database, or name another in DATABASE_URL.",
  "28P01": "Correct user and password in DATABASE_URL.",
  "28000": "Correct user and password in DATABASE_URL, or pg_hba.conf.",
};

/** → what went wrong, for the person who has to mend it. It leaves out the detail of the database's errors, which may quote a row. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof MigrationRefused) return { reason: error.message, isUnchanged: true };
  const isUnchanged = !(error instanceof MigrationUncertain);
  const root = rootOf(error);
  const code = codeOf(root);
  // Neither a lost connection nor a bug has a code, but a bug has a class of its own, such as TypeError.
  if (!(root instanceof Error) || (code === undefined && root.name !== "Error")) return { err: error, isUnchanged };
  const messages = [...new Set([messageOf(error), root.message])].filter((message) => message !== "");
  const todo = isUnchanged ? code && TODOS[code] : "Run this again: it finds out, and does what is left to do.";
  const reason = messages.join(": ") + (code === undefined ? "" : ` (${code})`);
  return { reason, ...(todo ? { todo } : {}), isUnchanged };
}

/** → the first error: the last cause, or the first of several parallel errors. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
