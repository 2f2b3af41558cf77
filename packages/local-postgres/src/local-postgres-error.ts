/** What a person has to fix before a server can start. The message says what is wrong, where, and what to do. */
export class LocalPostgresError extends Error {
  override readonly name = "LocalPostgresError";
}

/** Another process owns a data folder, or a server that must not be touched runs on it. */
export function inUse(data: string, reason: string): LocalPostgresError {
  return new LocalPostgresError(`${data} is in use: ${reason}. Stop that one first, or choose another folder.`);
}

/** → the code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

type Write = (fields: object, message: string) => void;

/** Takes what a server's operator should know; a pino logger fits. */
export type Log = { readonly info: Write; readonly warn: Write; readonly error: Write };
