import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, expect, test, vi } from "vitest";
import { type Case, openCase, readiness, tally } from "./open-case.ts";

let current: Case | undefined;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await current?.close();
  current = undefined;
});

const ORDERS = 20;

test("16: no 202 leaves before what it rests on has been synced to disk, by the broker or the database", async () => {
  installStrace();
  current = await openCase();
  const { system, http, newOrder, operations } = current;
  const submitAll = async () => {
    const outcomes = [];
    for (let n = 0; n < ORDERS; n++) outcomes.push(await http.api1.submit("single", [newOrder()]));
    expect(tally(outcomes)).toEqual({ "202": ORDERS });
    return operations.splice(0);
  };
  // Nobody else writes meanwhile.
  await Promise.all([
    system.apps.consumer1.terminate(),
    system.apps.consumer2.terminate(),
    system.apps.api2.terminate(),
  ]);
  const brokerPid = Number((await system.rabbitmq.ctl("eval", "os:getpid().")).replaceAll(/\D/g, ""));
  const broker = await traceSyncs([brokerPid]);
  const byBroker = await submitAll();
  const brokerSyncs = await broker();
  expect(withoutSync(byBroker, brokerSyncs)).toEqual([]);

  await system.rabbitmq.stop();
  await vi.waitFor(async () => expect(await readiness(system.apps.api1.port)).toContain('"degraded"'), 20_000);
  const database = await traceSyncs(await postgresPids(system.databaseUrl));
  const bySpool = await submitAll();
  const databaseSyncs = await database();
  expect(withoutSync(bySpool, databaseSyncs)).toEqual([]);
  // The check can fail: what a server did for the one road is nothing to the other.
  expect(withoutSync(bySpool, brokerSyncs)).toHaveLength(ORDERS);
}, 180_000);

type Span = { readonly sentAt: number; readonly endedAt: number };

/** Those during which no sync came to its end. Times are milliseconds since 1970, of one clock. */
function withoutSync(operations: readonly Span[], syncs: readonly number[]): Span[] {
  // Answers are timed in whole milliseconds.
  return operations.filter(({ sentAt, endedAt }) => !syncs.some((at) => at >= sentAt - 1 && at <= endedAt + 1));
}

/** Traces fsync and fdatasync of processes and their children; → what ends it, and tells when each sync had ended. */
async function traceSyncs(pids: readonly number[]): Promise<() => Promise<number[]>> {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-strace-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "trace");
  const attach = pids.flatMap((pid) => ["-p", String(pid)]);
  const strace = spawn("strace", ["-f", "-ttt", "-T", "-e", "trace=fsync,fdatasync", "-o", file, ...attach], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => strace.once("exit", () => resolve()));
  closing.push(() => strace.kill("SIGKILL"));
  let told = "";
  strace.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  // A server's worker may have ended since it was listed.
  const attachedOrGone = /^strace: (Process \d+ attached|attach: .*No such process)/gm;
  await vi.waitFor(() => expect(told.match(attachedOrGone) ?? []).toHaveLength(pids.length), 10_000);
  return async () => {
    strace.kill("SIGTERM");
    await ended;
    return readSyncs(readFileSync(file, "utf8"));
  };
}

/** `123 1700000000.123456 fdatasync(7) = 0 <0.000321>`, or the same in two lines: unfinished, resumed. */
function readSyncs(trace: string): number[] {
  const lines = trace.split("\n").filter((line) => / = 0 <[\d.]+>$/.test(line));
  return lines.map((line) => {
    const began = Number(/ (\d+\.\d+) /.exec(line)?.[1]) * 1_000;
    // A line that tells of the end of a call has the time of that end already.
    return line.includes("resumed>") ? began : began + Number(/<([\d.]+)>$/.exec(line)?.[1]) * 1_000;
  });
}

async function postgresPids(databaseUrl: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = parentOf(rows[0]?.pid ?? 0);
  await client.end();
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return [postmaster, ...all.filter((pid) => parentOf(pid) === postmaster)];
}

function parentOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const stat = readFileSync(file, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** From Debian's package, where it is missing. */
function installStrace(): void {
  try {
    execFileSync("strace", ["-V"], { stdio: "ignore" });
  } catch {
    if (process.getuid?.() !== 0) throw new Error("this test needs strace: apt-get install strace");
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "strace"], { stdio: "ignore" });
  }
}
