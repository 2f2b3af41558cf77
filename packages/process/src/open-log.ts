import { type Logger, pino } from "pino";

/** What the packages need of a logger: pino's calls, an object of fields first. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** JSON lines on standard output, times in ISO 8601. Credentials in URLs and headers are never written. */
export function openLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["authorization", "headers.authorization", "req.headers.authorization"],
  });
}
