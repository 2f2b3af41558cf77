import { LocalPostgresError } from "@pedidos/local-postgres";

/** What a person has to settle before a start can succeed. */
export class StartRefused extends Error {}

/** → the text for the person who started this: a message if one was written for them, else everything known. */
export function explainFailure(error: unknown): string {
  if (error instanceof StartRefused || error instanceof LocalPostgresError) return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE" && "port" in error)
    return `The port ${error.port} is taken. End what listens on it, or set PORT to another.`;
  return error instanceof Error && error.stack !== undefined ? describe(error) : String(error);
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\nbecause: ${describe(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
