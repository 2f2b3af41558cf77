import {
  appendFileSync,
  closeSync,
  createReadStream,
  createWriteStream,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
} from "node:fs";
import { rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Log } from "./log.ts";

/** What the server's log may grow to before its newest part is moved to `….old`, and what of it is kept there. */
export const LARGEST_LOG_BYTES = 8 * 1024 * 1024;
const CHECK_MS = 1_000;

/**
 * Keeps the log of a running server small: it, and one older file beside it, whatever the server says. The server goes
 * on writing to the same file, which it appends to, so that it needs nobody who reads what it says: when this process is
 * killed, it only grows until the next start.
 *
 * @returns what stops it
 */
export function boundLog(file: string, log: Log): () => void {
  let stopped = false;
  let hasFailed = false;
  async function check(): Promise<void> {
    try {
      if ((await stat(file)).size > LARGEST_LOG_BYTES) await moveToOlder(file);
      hasFailed = false;
    } catch (error) {
      if (!hasFailed && !stopped) log.warn({ err: error, file }, "the log of PostgreSQL can't be kept small");
      hasFailed = true;
    }
    if (!stopped) timer = setTimeout(check, CHECK_MS).unref();
  }
  let timer = setTimeout(check, 0).unref();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/**
 * Copies the newest part of a log to the older file, then empties it. What was written during the copy is added, and the
 * file emptied, in one go: only what the server writes within those microseconds is lost. Killed in between, it leaves
 * lines twice, or a half of a copy that the next one replaces.
 */
async function moveToOlder(file: string): Promise<void> {
  const older = `${file}.old`;
  const unfinished = `${older}.new`;
  const { size } = await stat(file);
  // Both would be needed only while the copy is made, on a disk that may be full.
  await rm(older, { force: true });
  const newest = createReadStream(file, { start: Math.max(0, size - LARGEST_LOG_BYTES), end: size - 1 });
  await pipeline(newest, createWriteStream(unfinished, { mode: 0o600 }));
  const descriptor = openSync(file, "r+");
  try {
    const chunk = Buffer.alloc(64 * 1024);
    for (let position = size; ; ) {
      const bytes = readSync(descriptor, chunk, 0, chunk.length, position);
      if (bytes === 0) break;
      appendFileSync(unfinished, chunk.subarray(0, bytes));
      position += bytes;
    }
    renameSync(unfinished, older);
    ftruncateSync(descriptor, 0);
  } finally {
    closeSync(descriptor);
  }
}
