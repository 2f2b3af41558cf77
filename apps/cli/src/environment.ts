import { findUrlFault, type UrlRules } from "@pedidos/process";
import { exitCodes, Failure } from "./failure.ts";

/** What every command may be told by the environment. Keys have no option: they would show in the list of processes. */
export const environment = {
  url: process.env.PEDIDOS_URL || "http://127.0.0.1:3000",
  key: process.env.PEDIDOS_KEY || undefined,
  databaseUrl: process.env.DATABASE_URL || undefined,
  amqpUrl: process.env.AMQP_URL || undefined,
  managementUrl: process.env.AMQP_MANAGEMENT_URL || undefined,
} as const;

/**
 * → a URL that is understood in one way, as it was given.
 *
 * @throws {Failure} in words that do not repeat it: it may hold a password
 */
export function checkUrl(name: string, url: string, rules: UrlRules): string {
  const fault = findUrlFault(url, rules);
  if (fault === undefined) return url;
  throw new Failure(exitCodes.usage, `${name} ${fault}.`);
}
