import { findUrlFault, httpUrlRules, type UrlRules } from "@pedidos/process";
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

/** → the URL of the API without a slash at its end. */
export function readApiUrl(url: string): string {
  const fault = findUrlFault(url, httpUrlRules);
  if (fault === undefined) return url.replace(/\/+$/, "");
  const example = "Write it like http://127.0.0.1:3000 or https://example.com/pedidos.";
  throw new Failure(exitCodes.usage, `The URL of the API (--url or PEDIDOS_URL) ${fault}. ${example}`);
}

/** → the key itself, if a header can hold it. @throws {Failure} in words that don't repeat it */
export function checkKey(key: string | undefined): string | undefined {
  if (key === undefined || /^[!-~]+$/.test(key)) return key;
  throw new Failure(
    exitCodes.usage,
    "PEDIDOS_KEY holds a space, a line end or another character that no key has. Set it to the key alone.",
  );
}
