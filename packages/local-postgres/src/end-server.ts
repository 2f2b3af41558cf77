import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Claim } from "./claim-folder.ts";
import { findServerProcesses, isServer } from "./inspect-process.ts";
import { codeOf, inUse, type Log } from "./local-postgres-error.ts";
import { type Address, acquireLock } from "./owner-lock.ts";

/** The first process of a server. */
export type Postmaster = {
  hasExited(): boolean;
  signal(signal: NodeJS.Signals): void;
};

const FORCE_LIMIT_MS = 2_000;
const LEFTOVERS_LIMIT_MS = 5_000;

/** Ends a server by a fast shutdown, or by force after a limit; both keep what was committed. Then no process of it is left. */
export async function endServer(postmaster: Postmaster, data: string, stopLimitMs: number): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ["SIGINT", stopLimitMs],
    ["SIGQUIT", FORCE_LIMIT_MS],
    ["SIGKILL", FORCE_LIMIT_MS],
  ];
  // A process that somebody froze would notice no other signal.
  if (!postmaster.hasExited()) signalServer(data, "SIGCONT");
  for (const [signal, limitMs] of steps) {
    if (postmaster.hasExited()) break;
    postmaster.signal(signal);
    await becomesTrue(postmaster.hasExited, limitMs);
  }
  await endLeftovers(data);
}

/** Waits for processes whose server is gone, then kills them: no server may start while one of them writes. */
async function endLeftovers(data: string): Promise<void> {
  const areGone = () => findServerProcesses(data).length === 0;
  if (await becomesTrue(areGone, LEFTOVERS_LIMIT_MS)) return;
  signalServer(data, "SIGKILL");
  if (await becomesTrue(areGone, LEFTOVERS_LIMIT_MS)) return;
  const pids = findServerProcesses(data).join(", ");
  throw inUse(data, `PostgreSQL processes that can't be ended are at work in it (${pids})`);
}

function signalServer(data: string, signal: NodeJS.Signals): void {
  for (const pid of findServerProcesses(data)) signalProcess(data, pid, signal);
}

function signalProcess(data: string, pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return;
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

/** How long a lock has to stay free before its server counts as left behind, if its owner can't be judged. */
const GRACE_MS = 2_000;
/** A server in crash recovery, or in its last checkpoint, can take this long on a slow disk. */
const STARTING_LIMIT_MS = 10 * 60_000;
const ORPHAN_STOP_LIMIT_MS = 30_000;

/**
 * Makes a data folder free for a server: stops a server that nobody owns, and removes a stale `postmaster.pid`.
 *
 * @param predecessor whether the process that owned the folder before is known to be gone
 * @returns where the server listened that wrote the last `postmaster.pid`; undefined without one
 * @throws {LocalPostgresError} if the server there belongs to a living process, or can't be judged or ended
 */
export async function endOrphan(
  data: string,
  predecessor: Claim["predecessor"],
  log: Log,
): Promise<Address | undefined> {
  const last = readPostmasterFile(data);
  if (last !== undefined && (await isOrphan(data, last, predecessor))) {
    const { pid } = last;
    log.warn({ pid, data }, "a PostgreSQL server was left behind on the data folder; stopping it");
    const hasExited = () => !isServer(pid, data);
    await endServer({ hasExited, signal: (signal) => signalProcess(data, pid, signal) }, data, ORPHAN_STOP_LIMIT_MS);
  } else await endLeftovers(data);
  // PostgreSQL refuses to start while any process has the id in this file, or while the file is empty after a power cut.
  const left = readPostmasterFile(data);
  if (left === undefined || !isServer(left.pid, data)) rmSync(postmasterFile(data), { force: true });
  return last;
}

/** → whether a server runs there that nobody owns; false if none runs. */
async function isOrphan(data: string, last: PostmasterFile, predecessor: Claim["predecessor"]): Promise<boolean> {
  const { pid, host } = last;
  const began = Date.now();
  for (;;) {
    const isSeen = isServer(pid, data);
    const attempt = await acquireLock(last);
    const waitedMs = Date.now() - began;
    if (attempt.kind === "acquired") await attempt.session.end();
    if (attempt.kind === "unreachable" && !isSeen) return false;
    // The lock of a process that was killed becomes free a moment after its death.
    if (attempt.kind === "held" && (predecessor === "unknown" || waitedMs > GRACE_MS))
      throw inUse(data, "another process owns the PostgreSQL server that runs on it");
    if (attempt.kind === "acquired" && !isSeen)
      throw inUse(data, `a PostgreSQL server that answers at ${host} runs on it, in another container, it seems`);
    if (attempt.kind !== "held" && predecessor === "gone") return true;
    if (attempt.kind === "acquired" && waitedMs > GRACE_MS) return true;
    if (waitedMs > (attempt.kind === "starting" ? STARTING_LIMIT_MS : GRACE_MS))
      throw inUse(
        data,
        `a PostgreSQL server (process ${pid}) runs on it that does not answer (kill -INT ${pid} stops it)`,
      );
    await sleep(200);
  }
}

type PostmasterFile = Address & { readonly pid: number };

const postmasterFile = (data: string) => join(data, "postmaster.pid");

/** → the id and address of the server that wrote the file; undefined if it is absent, or was written in part. */
function readPostmasterFile(data: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(postmasterFile(data), "utf8");
  } catch {
    return undefined;
  }
  const [pid = "", , , port, socketFolder, address] = text.split("\n");
  if (!/^-?\d+$/.test(pid)) return undefined;
  const host = socketFolder || address?.replace("*", "") || "127.0.0.1";
  return { pid: Math.abs(Number(pid)), host, port: Number(port) || 5432 };
}
