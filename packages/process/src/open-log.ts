import { type Logger, pino } from "pino";

/** What the packages need of a logger: pino's calls, an object of fields first. */
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
 * Gathers the lines of one turn of the event loop into one system call: a line a request would otherwise cost a fifth of
 * taking an order. What was gathered is written when the process exits, too.
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
 * When the terminal was closed or the reader has gone, the process goes on without its log, and so can end in order:
 * pino's own output would try again for ever, the process standing still meanwhile.
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
