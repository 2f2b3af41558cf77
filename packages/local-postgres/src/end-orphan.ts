import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { findServerProcesses, inspectServer } from "./inspect-process.ts";
import { LocalPostgresError } from "./local-postgres-error.ts";
import type { Log } from "./log.ts";
import { knock } from "./owner-session.ts";
import { type PostmasterFile, postmasterFile, readPostmasterFile } from "./postmaster-file.ts";

/** How long a lock has to stay free before its server counts as left behind, where its owner can't be judged. */
const GRACE_MS = 2_000;
/** A server in crash recovery, or in its last checkpoint, can take this long on a slow disk. */
const SETTLE_LIMIT_MS = 10 * 60_000;
const STOP_LIMIT_MS = 30_000;
const KILL_LIMIT_MS = 5_000;

/**
 * Deals with what an earlier process left on a data folder: a server that nobody owns is stopped, a stale
 * `postmaster.pid` removed. Afterwards a server can be started.
 *
 * @param predecessor whether the process that owned the folder before is known to be gone.
 * @throws {LocalPostgresError} `in_use` when the server there belongs to somebody who lives, or can't be judged or ended.
 */
export async function endOrphan(data: string, predecessor: "gone" | "unknown", log: Log): Promise<void> {
  const file = readPostmasterFile(data);
  if (file !== undefined && (await isOrphan(data, file, predecessor))) {
    log.warn({ pid: file.pid, data }, "a PostgreSQL server was left behind on the data folder; stopping it");
    await stopServer(data, file.pid);
  }
  await endLeftovers(data);
  removeStaleFile(data);
}

/** → whether a server runs there that nobody owns; false when none runs. */
async function isOrphan(data: string, file: PostmasterFile, predecessor: "gone" | "unknown"): Promise<boolean> {
  const started = Date.now();
  for (;;) {
    const seen = inspectServer(file.pid, data);
    const answer = await knock(file);
    const waited = Date.now() - started;
    if (answer.kind === "marked") await answer.session.end();
    if (answer.kind === "unreachable" && seen !== "server") return false;
    // The lock of one that was killed is freed a moment after its death.
    if (answer.kind === "owned" && (predecessor === "unknown" || waited > GRACE_MS))
      throw inUse(data, "another process owns the PostgreSQL server that runs on it");
    if (answer.kind === "marked" && seen !== "server") throw unseen(data, file);
    if (answer.kind !== "owned" && predecessor === "gone") return true;
    if (answer.kind === "marked" && waited > GRACE_MS) return true;
    if (waited > (answer.kind === "starting" ? SETTLE_LIMIT_MS : GRACE_MS)) throw mute(data, file);
    await sleep(200);
  }
}

/** Fast shutdown, which keeps everything committed; what does not listen is ended by force, which keeps it too. */
async function stopServer(data: string, pid: number): Promise<void> {
  const gone = () => inspectServer(pid, data) === "gone" && findServerProcesses(data).length === 0;
  const steps: [NodeJS.Signals, number][] = [
    ["SIGINT", STOP_LIMIT_MS],
    ["SIGQUIT", KILL_LIMIT_MS],
    ["SIGKILL", KILL_LIMIT_MS],
  ];
  thawServer(data);
  for (const [signal, limitMs] of steps) {
    sendSignal(data, pid, signal);
    if (await becomesTrue(gone, limitMs)) return;
    if (signal === "SIGKILL") await endLeftovers(data);
  }
}

/** Lets processes of a server go on that were stopped in their tracks: none of them would hear that it is to end. */
export function thawServer(data: string): void {
  for (const pid of findServerProcesses(data)) sendSignal(data, pid, "SIGCONT");
}

/** Waits for processes whose server is gone, then ends them: no server may start while one of them writes. */
export async function endLeftovers(data: string): Promise<void> {
  if (await becomesTrue(() => findServerProcesses(data).length === 0, KILL_LIMIT_MS)) return;
  for (const pid of findServerProcesses(data)) sendSignal(data, pid, "SIGKILL");
  if (await becomesTrue(() => findServerProcesses(data).length === 0, KILL_LIMIT_MS)) return;
  throw inUse(
    data,
    `PostgreSQL processes that can't be ended are at work in it (${findServerProcesses(data).join(", ")})`,
  );
}

/** PostgreSQL takes any living process with the id in the file for a server of its own, and refuses to start. */
function removeStaleFile(data: string): void {
  const file = readPostmasterFile(data);
  // A power cut can leave it empty, which PostgreSQL takes for a server that is just starting.
  if (file === undefined || inspectServer(file.pid, data) !== "server") rmSync(postmasterFile(data), { force: true });
}

function sendSignal(data: string, pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return;
    throw inUse(data, `PostgreSQL (process ${pid}) runs on it, which this user may not end`);
  }
}

async function becomesTrue(condition: () => boolean, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

function inUse(data: string, reason: string): LocalPostgresError {
  return new LocalPostgresError(
    "in_use",
    `${data} is in use: ${reason}. Stop that one first, or choose another folder.`,
  );
}

const mute = (data: string, { pid }: PostmasterFile) =>
  inUse(data, `a PostgreSQL server (process ${pid}) runs on it that does not answer (kill -INT ${pid} stops it)`);

const unseen = (data: string, { host }: PostmasterFile) =>
  inUse(data, `a PostgreSQL server that answers at ${host} runs on it, in another container, it seems`);
