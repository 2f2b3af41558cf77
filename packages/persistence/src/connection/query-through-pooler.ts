import type pg from "pg";
import { type Query, unnamed } from "./query-within.ts";
import { applySettings, type SessionLimits } from "./session-settings.ts";

/**
 * → how a connection sends a statement if a pooler stands between that may hand each transaction to another of the
 * server's sessions: settings and prepared statements stay behind there, for somebody else to find. So each transaction
 * sets what it needs for itself alone, a statement outside a transaction becomes one, and nothing is prepared by name. That
 * costs two round trips for a statement and none for a transaction.
 */
export function queryThroughPooler(client: pg.Client, query: Query, limits: SessionLimits): Query {
  const settings = applySettings(limits, "true");

  const begin = (text: string, limitMs: number | undefined) =>
    query(`${/\bisolation\b/i.test(text) ? text : `${text} isolation level read committed`}; ${settings}`, [], limitMs);

  /** All three within the limit; a pooler waits for a session of the server before the first. */
  async function inTransaction(text: string, values: readonly unknown[], limitMs: number | undefined) {
    const began = performance.now();
    const left = () => limitMs && Math.max(Math.ceil(limitMs - (performance.now() - began)), 1);
    try {
      await begin("begin", left());
      const result = await query(unnamed(text), values, left());
      await query("commit", [], left());
      return result;
    } catch (error) {
      // On a lost connection this fails at once, and the pool finds out by itself.
      await query("rollback", [], limitMs).catch(() => {});
      throw error;
    }
  }

  return (text, values, limitMs) => {
    if (client.getTransactionStatus() !== "I" || /^\s*(commit|end|rollback|abort)\b/i.test(text))
      return query(unnamed(text), values, limitMs);
    return /^\s*(begin|start\s+transaction)\b/i.test(text)
      ? begin(text, limitMs)
      : inTransaction(text, values, limitMs);
  };
}
