import { type Logger, pino } from "pino";
import { describeLine } from "./describe-line.ts";

/** The part of pino's logger that the packages use: an object of fields comes first. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/**
 * JSON lines on standard output, times in ISO 8601. Credentials in URLs and headers are never written.
 *
 * @param isForPerson whether somebody reads it at a terminal: then it is a few lines in words
 */
export function openLog(name: string, level: string, { isForPerson = false } = {}): Logger {
  return pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ["authorization", "headers.authorization", "req.headers.authorization"],
    },
    isForPerson ? inWords(process.stdout, level) : gatherLines(openOutput()),
  );
}

type Output = { write(text: string): unknown; flushSync(): void };

/** How long a line may wait for others. */
const LINGER_MS = 10;

/**
 * Writes the lines of 10 ms by one system call: a call for each request would cost a fifth of taking an order, and one for
 * each iteration of the event loop a tenth. At the exit of the process it writes what it holds.
 */
export function gatherLines(output: Output): Output {
  let gathered = "";
  let lingering: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(lingering);
    const text = gathered;
    gathered = "";
    if (text !== "") output.write(text);
  };
  process.once("exit", flush);
  return {
    write(line) {
      if (gathered === "") lingering = setTimeout(flush, LINGER_MS);
      gathered += line;
    },
    flushSync() {
      flush();
      output.flushSync();
    },
  };
}

/** Writes each line at once, in the order of all else that is printed. When the terminal is gone, the process goes on. */
function inWords(terminal: NodeJS.WriteStream, level: string): Output {
  const showsRequests = level === "debug" || level === "trace";
  terminal.on("error", () => {});
  return {
    write: (line) => terminal.write(describeLine(line, { showsRequests })),
    flushSync() {},
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
