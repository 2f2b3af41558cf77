import { hostName } from "./allow-hosts.ts";
import { brokerUrlRules, databaseUrlRules, findUrlFault, type UrlRules } from "./find-url-fault.ts";
import type { Setting } from "./read-settings.ts";

/** A URL that can be understood in one way only. It may hold a password: it is never shown, and may come from a file. */
export function url(doc: string, rules: UrlRules): Setting<string> {
  return {
    doc,
    secret: true,
    parse(text) {
      const fault = findUrlFault(text, rules);
      return fault === undefined ? { value: text } : { problem: fault };
    },
  };
}

/**
 * A setting whose value shows no secret, so that a bad one is repeated.
 *
 * @param expected what `read` takes, to end "is …, not …"; for any other text it gives undefined
 */
export function expecting<Value>(
  doc: string,
  expected: string,
  read: (text: string) => Value | undefined,
  standard?: string,
): Setting<Value> {
  return {
    doc,
    default: standard,
    parse(text) {
      const value = read(text);
      return value === undefined ? { problem: `is ${JSON.stringify(text)}, not ${expected}` } : { value };
    },
  };
}

export function port(doc: string, standard: number): Setting<number> {
  const read = (text: string) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined);
  return expecting(doc, "a port from 0 to 65535", read, String(standard));
}

export function oneOf<const Choice extends string>(
  doc: string,
  choices: readonly Choice[],
  standard: NoInfer<Choice>,
): Setting<Choice> {
  return expecting(doc, `one of ${choices.join(", ")}`, (text) => choices.find((one) => one === text), standard);
}

export function text(doc: string, standard: string): Setting<string> {
  return { doc, default: standard, parse: (value) => ({ value }) };
}

/** Makes a setting optional: left out, its value is undefined. */
export function optional<Value>(setting: Setting<Value>): Setting<Value | undefined> {
  return {
    ...setting,
    default: "",
    parse: (value) => (value === "" ? { value: undefined } : setting.parse(value)),
  };
}

/** The settings of several processes. */
export const DATABASE_URL = url("the PostgreSQL database, postgres://user:password@host:5432/name", databaseUrlRules);
export const AMQP_URL = url("the RabbitMQ broker, amqp://user:password@host:5672/vhost", brokerUrlRules);
export const LOG_LEVEL = oneOf(
  "the least level of the log's lines",
  ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
  "info",
);
export const HOST = text("the address to listen on; 0.0.0.0 for all", "127.0.0.1");

/** Takes a list whose entries are separated by commas; `read` gives undefined for one that is bad. */
export function list<Entry>(
  doc: string,
  expected: string,
  read: (text: string) => Entry | undefined,
): Setting<readonly Entry[] | undefined> {
  const parse = (text: string) => {
    const entries: Entry[] = [];
    for (const part of text.split(",").map((each) => each.trim())) {
      if (part === "") continue;
      const entry = read(part);
      if (entry === undefined) return { problem: `has ${JSON.stringify(part)}, which is not ${expected}` };
      entries.push(entry);
    }
    return { value: entries };
  };
  return optional({ doc, parse });
}

export const ALLOWED_HOSTS = list(
  "the names that a request's Host may have beside those of loopback and HOST, separated by commas; any other is refused with 421. Unset: on loopback none, elsewhere any",
  "a host's name or address, without scheme or port",
  (text) => (hostName(text) === undefined ? undefined : text),
);
