import { databaseUrlRules, findUrlFault } from "@pedidos/process";

/** A URL overrides pg's caller in these; each session has limits of ours, and a pooler refuses them at the start. */
const OURS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "query_timeout"];

/**
 * → a database's URL without the parameters that are ours to set.
 *
 * @throws Error, without the URL's text, which may hold a password
 */
export function databaseAddress(text: string): string {
  const fault = findUrlFault(text, databaseUrlRules);
  if (fault !== undefined) throw new Error(`the database's address ${fault}`);
  const [address = "", query] = text.split("?");
  const parameters = new URLSearchParams(query);
  for (const name of OURS) parameters.delete(name);
  return parameters.size === 0 ? address : `${address}?${parameters}`;
}
