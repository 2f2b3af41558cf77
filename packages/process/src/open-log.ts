import { type Logger, pino } from "pino";

/** The part of pino's logger that the packages use: an object of fields comes first. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** JSON lines on standard output, times in ISO 8601. Credentials in URLs and headers are never written. */
export function openLog(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ["authorization", "headers.authorization", "req.headers.authorization"],
    },
    writeOnceATurn(openOutput()),
  );
}

type Output = { write(text: string): unknown; flushSync(): void };

/**
 * Writes the lines of one turn of the event loop by one system call: a call for each request would cost a fifth of taking
 * an order. At the exit of the process it writes what it holds.
 */
export function writeOnceATurn(output: Output): Output {
  let gathered = "";
  const flush = () => {
    const text = gathered;
    gathered = "";
    if (text !== "") output.write(text);
  };
  process.once("exit", flush);
  return {
    write(line) {
      if (gathered === "") setImmediate(flush);
      gathered += line;
    },
    flushSync() {
      flush();
      output.flushSync();
    },
  };
}

/**
 * Lets the process go on without its log when the terminal or the reader is gone, so that it can still shut down gracefully:
 * pino's own output would retry for ever and block the process.
 */
function openOutput() {
  const output = pino.destination(1);
  output.on("error", () => {
    output.write = () => true;
    output.flushSync = () => {};
    output.end = () => {};
    output.destroy = () => {};
  });
  return output;
}
