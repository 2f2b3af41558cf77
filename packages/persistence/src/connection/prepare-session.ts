import { DatabaseError, type default as pg } from "pg";
import { queryThroughPooler } from "./query-through-pooler.ts";
import { type Query, queryWithin } from "./query-within.ts";
import { applySettings, type SessionLimits, verifySettings } from "./session-settings.ts";

export type SessionOptions = SessionLimits & {
  /** How long any statement may stay without an answer before its connection is closed; by default, for ever. */
  readonly answerMs?: number;
  /** The same for the preparation itself. */
  readonly prepareMs?: number;
};

/**
 * Makes a connection fit for our statements, in one round trip: sets what they depend on, reads it back, and finds out
 * whether a pooler stands between, whose sessions are not the server's. From then on `client.query` takes a text and
 * values, nothing else.
 *
 * @throws where a setting can't be had, by its name; the connection must not be used then
 */
export async function prepareSession(client: pg.Client, options: SessionOptions): Promise<void> {
  const query = queryWithin(client);
  // What a pooler calls the process that serves us is an invention of its own.
  const isPooled = `pg_backend_pid() is distinct from ${processIdOf(client)}`;
  const text = `${applySettings(options, isPooled)}; ${verifySettings(options)}; select ${isPooled} as pooled`;
  const answers = await unlessCanceled(() => query(text, [], options.prepareMs ?? options.answerMs));
  const rows = Array.isArray(answers) ? answers.flatMap((answer) => answer.rows) : [];
  const lacking = rows.map((row) => row.lacking).find((one) => typeof one === "string");
  if (lacking !== undefined)
    throw new Error(`the database connection can't have the settings that recording depends on: ${lacking}`);
  const pooled = rows.at(-1)?.pooled !== false;
  replaceQuery(client, pooled ? queryThroughPooler(client, query, options) : query, options.answerMs);
}

const QUERY_CANCELED = "57014";

/** A role's `statement_timeout` of a millisecond may be over before the first statement has lifted it; mostly it is not. */
async function unlessCanceled<Answer>(attempt: () => Promise<Answer>, attempts = 10): Promise<Answer> {
  try {
    return await attempt();
  } catch (error) {
    if (attempts > 1 && error instanceof DatabaseError && error.code === QUERY_CANCELED)
      return await unlessCanceled(attempt, attempts - 1);
    throw error;
  }
}

/** As the server gave it when the connection began; pg's types leave it out. */
function processIdOf(client: pg.Client): number | null {
  const id: unknown = Reflect.get(client, "processID");
  return typeof id === "number" ? id : null;
}

function replaceQuery(client: pg.Client, query: Query, limitMs: number | undefined): void {
  const value = (text: string, values?: readonly unknown[]) => query(text, values ?? [], limitMs);
  Object.defineProperty(client, "query", { value });
}
