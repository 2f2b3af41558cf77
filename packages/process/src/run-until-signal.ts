import type { Logger } from "pino";

/** Shorter than the 10 s after which an orchestrator kills the process. */
const STOP_LIMIT_MS = 9_500;

/**
 * Runs `stop` once on SIGTERM or SIGINT and ends the process with 0; with 1 when `stop` fails or takes too long, or when no
 * one has caught an error.
 *
 * @param stop shuts the process down gracefully: what it has accepted is finished or handed back
 */
export function runUntilSignal(
  log: Logger,
  stop: () => Promise<void>,
  signals: NodeJS.Signals[] = ["SIGTERM", "SIGINT"],
): void {
  let stopping = false;
  const end = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => {
      log.error({ limitMs: STOP_LIMIT_MS }, "could not stop in time");
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    try {
      await stop();
    } catch (err) {
      log.error({ err }, "stopping failed");
      process.exit(1);
    }
    log.info("stopped");
    process.exit(0);
  };
  for (const signal of signals) process.on(signal, end);
  process.on("uncaughtException", (err) => {
    log.fatal({ err }, "an error reached nobody; ending");
    process.exit(1);
  });
}
