/**
 * Why a server could not be started:
 * - `in_use`: another process owns the folder, or a server that must not be touched runs on it;
 * - `other_major`: the data is of another major version of PostgreSQL;
 * - `no_binaries`: PostgreSQL's own files are missing or do not run here;
 * - `folder`: the user that PostgreSQL runs as can't make, read or write the folder;
 * - `failed`: PostgreSQL itself gave up; the message ends with its last words.
 */
export type LocalPostgresFault = "in_use" | "other_major" | "no_binaries" | "folder" | "failed";

/** What a person has to mend. The message says what is wrong, where, and what to do. */
export class LocalPostgresError extends Error {
  readonly fault: LocalPostgresFault;

  constructor(fault: LocalPostgresFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LocalPostgresError";
    this.fault = fault;
  }
}

export function inUse(data: string, reason: string): LocalPostgresError {
  return new LocalPostgresError(
    "in_use",
    `${data} is in use: ${reason}. Stop that one first, or choose another folder.`,
  );
}

type Write = (fields: object, message: string) => void;

/** Takes what a server's operator should know; a pino logger fits. */
export type Log = { readonly info: Write; readonly warn: Write; readonly error: Write };
