import { findUrlFault, type UrlRules } from "@pedidos/process";
import { exitCodes, Failure } from "./failure.ts";

/** The settings of every command. The key has no option: an option would show in the list of processes. */
export const environment = {
  url: process.env.PEDIDOS_URL || "http://127.0.0.1:3000",
  key: process.env.PEDIDOS_KEY || undefined,
  databaseUrl: process.env.DATABASE_URL || undefined,
  amqpUrl: process.env.AMQP_URL || undefined,
  managementUrl: process.env.AMQP_MANAGEMENT_URL || undefined,
} as const;

/**
 * → the URL itself, if it can be understood in one way only.
 *
 * @throws {Failure} in words that don't repeat it: it may hold a password
 */
export function checkUrl(name: string, url: string, rules: UrlRules): string {
  const fault = findUrlFault(url, rules);
  if (fault === undefined) return url;
  throw new Failure(exitCodes.usage, `${name} ${fault}.`);
}
