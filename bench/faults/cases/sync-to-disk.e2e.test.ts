import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOrInstall, findProgram } from "@pedidos/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { findServerPids, readProcesses } from "../../harness/inspect-processes.ts";
import { openCase, readiness, tally } from "./open-case.ts";

const ORDERS = 20;

test("16: no 202 leaves before what it depends on has been synced to disk, by the broker or the database", async () => {
  const { system, http, newOrder, operations } = await openCase();
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
  const pids = await findServerPids(system);
  const broker = await traceSyncs([pids.broker ?? 0]);
  const byBroker = await submitAll();
  const brokerSyncs = await broker();
  expect(withoutSync(byBroker, brokerSyncs)).toEqual([]);

  await system.rabbitmq.stop();
  await vi.waitFor(async () => expect(await readiness(system.apps.api1.port)).toContain('"degraded"'), 20_000);
  const backends = [...readProcesses().values()].filter(({ parent }) => parent === pids.postgres);
  const database = await traceSyncs([pids.postgres ?? 0, ...backends.map(({ pid }) => pid)]);
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

/** Traces fsync and fdatasync of processes and their children; → what ends it, and answers when each sync had ended. */
async function traceSyncs(pids: readonly number[]): Promise<() => Promise<number[]>> {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-strace-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "trace");
  const attach = pids.flatMap((pid) => ["-p", String(pid)]);
  findOrInstall(() => findProgram("strace"), "strace");
  const strace = spawn("strace", ["-f", "-ttt", "-T", "-e", "trace=fsync,fdatasync", "-o", file, ...attach], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => strace.once("exit", () => resolve()));
  onTestFinished(() => void strace.kill("SIGKILL"));
  let reported = "";
  strace.stderr.setEncoding("utf8").on("data", (text: string) => {
    reported += text;
  });
  // A server's worker may have ended since it was listed.
  const attachedOrGone = /^strace: (Process \d+ attached|attach: .*No such process)/gm;
  await vi.waitFor(() => expect(reported.match(attachedOrGone) ?? []).toHaveLength(pids.length), 10_000);
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
    // A line about the end of a call has the time of that end already.
    return line.includes("resumed>") ? began : began + Number(/<([\d.]+)>$/.exec(line)?.[1]) * 1_000;
  });
}
