import { DatabaseError, type default as pg } from "pg";
import { queryThroughPooler } from "./query-through-pooler.ts";
import { queryWithin } from "./query-within.ts";
import { applySettings, type SessionLimits, verifySettings } from "./session-settings.ts";

export type SessionOptions = SessionLimits & {
  /** How long any statement may stay without an answer before its connection is closed; by default, for ever. */
  readonly answerMs?: number;
  /** The same for the preparation itself. */
  readonly prepareMs?: number;
  /** Called when the session gives an answer that a later one might not: see {@link queryWithin}. */
  readonly onOutdated?: () => void;
};

/**
 * Makes a connection fit for our statements, in one round trip: sets what they depend on, reads it back, and finds out
 * whether a pooler stands between, whose sessions are not the server's. From then on `client.query` takes a text and
 * values, nothing else.
 *
 * @throws if a setting can't be had, by its name; the connection must not be used then
 */
export async function prepareSession(client: pg.Client, options: SessionOptions): Promise<void> {
  const query = queryWithin(client, options.onOutdated);
  // A pooler invents the id of the process that serves us. pg's types leave out the id that the connection began with.
  const processId: unknown = Reflect.get(client, "processID");
  const isPooled = `pg_backend_pid() is distinct from ${typeof processId === "number" ? processId : null}`;
  const text = `${applySettings(options, isPooled)}; ${verifySettings(options)}; select ${isPooled} as pooled`;
  const answers = await retryCanceled(() => query(text, [], options.prepareMs ?? options.answerMs));
  const rows = Array.isArray(answers) ? answers.flatMap((answer) => answer.rows) : [];
  const lacking = rows.map((row) => row.lacking).find((one) => typeof one === "string");
  if (lacking !== undefined)
    throw new Error(`the database connection can't have the settings that recording depends on: ${lacking}`);
  const send = rows.at(-1)?.pooled === false ? query : queryThroughPooler(client, query, options);
  Object.defineProperty(client, "query", {
    value: (text: string, values: readonly unknown[] = []) => send(text, values, options.answerMs),
  });
}

const QUERY_CANCELED = "57014";

/** A role's `statement_timeout` of a millisecond may cancel the text before its first statement lifts that limit. */
async function retryCanceled<Answer>(attempt: () => Promise<Answer>, attempts = 10): Promise<Answer> {
  return await attempt().catch((error: unknown) => {
    const isCanceled = error instanceof DatabaseError && error.code === QUERY_CANCELED;
    if (!isCanceled || attempts === 1) throw error;
    return retryCanceled(attempt, attempts - 1);
  });
}
