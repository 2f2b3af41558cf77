import { closeSync, ftruncateSync, openSync, readSync, statSync, writeSync } from "node:fs";
import type { Log } from "./local-postgres-error.ts";

/** Beyond this size the newest part of the server's log, as long as this, moves to `….old`. */
export const LARGEST_LOG_BYTES = 8 * 1024 * 1024;
const CHECK_MS = 1_000;

/**
 * Keeps the log of a running server small: it, and one older file. The server appends to the same file all the time, so it
 * needs no reader: when this process is killed, the log only grows until the next start.
 *
 * @returns its interval, to be cleared after the server's end
 */
export function limitLog(file: string, log: Log): NodeJS.Timeout {
  let hasFailed = false;
  const check = () => {
    try {
      if (statSync(file).size > LARGEST_LOG_BYTES) moveToOlder(file);
      hasFailed = false;
    } catch (err) {
      if (!hasFailed) log.warn({ err, file }, "the log of PostgreSQL can't be kept small");
      hasFailed = true;
    }
  };
  check();
  return setInterval(check, CHECK_MS).unref();
}

/**
 * Copies the newest part of a log to the older file, then empties the log, in a few milliseconds. Only what the server writes
 * between the last read and the truncation is lost. A kill in between leaves lines twice, or a part of a copy that the next
 * one replaces.
 */
function moveToOlder(file: string): void {
  const log = openSync(file, "r+");
  const copy = openSync(`${file}.old`, "w", 0o600);
  try {
    const chunk = Buffer.alloc(256 * 1024);
    let position = Math.max(0, statSync(file).size - LARGEST_LOG_BYTES);
    for (let bytes = -1; bytes !== 0; position += bytes) {
      bytes = readSync(log, chunk, 0, chunk.length, position);
      writeSync(copy, chunk, 0, bytes);
    }
    ftruncateSync(log, 0);
  } finally {
    closeSync(log);
    closeSync(copy);
  }
}
