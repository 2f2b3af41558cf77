import pg from "pg";
import { LostConnection } from "./classify-failure.ts";

/** Sends a statement; → its result, or if its text holds several statements, theirs. */
export type Query = (
  text: string,
  values: readonly unknown[],
  limitMs: number | undefined,
) => Promise<pg.QueryResult | pg.QueryResult[]>;

const NAMED = "-- prepared: ";
/**
 * Answers that a session may give because of what role or database set when it began, or because its server has become a
 * standby: read-only, no such table, no such schema. A session that begins now may do better.
 */
const OF_SESSION: readonly unknown[] = ["25006", "42P01", "3F000"];

/**
 * → how a connection sends a statement, in the one way that Kysely asks for it: its text and its values.
 *
 * - A text that begins with the comment `-- prepared: name` is prepared, once, under that name. Only for statements whose
 *   plan does not depend on how large the tables are: the plan is kept as long as the connection.
 * - A statement without an answer within `limitMs` closes the connection: the pool would hand it out again.
 * - After an answer that may be the session's own, `onOutdated` is called: the connection should not be used again.
 * - The result is garbage as soon as it is used. For its own promises and for `query_timeout` pg assigns a function to a
 *   property of the query; V8 puts such a function among old objects at once, where it keeps query, values and rows alive.
 */
export function queryWithin(client: pg.Client, onOutdated: () => void = () => {}): Query {
  const { query } = client;
  return (text, values, limitMs) =>
    new Promise((resolve, reject) => {
      const name = text.startsWith(NAMED) ? text.slice(NAMED.length, text.indexOf("\n")) : undefined;
      const close = () =>
        client.connection.stream.destroy(new Error(`the database gave no answer within ${limitMs} ms`));
      const late = limitMs === undefined ? undefined : setTimeout(close, limitMs);
      const answer = (error: Error | null, result: pg.QueryResult | pg.QueryResult[]) => {
        clearTimeout(late);
        if (!error) resolve(result);
        else if (error instanceof pg.DatabaseError) {
          if (OF_SESSION.includes(error.code)) onOutdated();
          reject(error);
        } else reject(new LostConnection(`the connection was lost: ${error.message}`, { cause: error }));
      };
      Reflect.apply(query, client, [{ name, text, values }, answer]);
    });
}

/** → a statement without the comment that has it prepared by name. */
export function unnamed(text: string): string {
  return text.startsWith(NAMED) ? text.slice(text.indexOf("\n") + 1) : text;
}
