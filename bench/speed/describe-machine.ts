import { execFileSync } from "node:child_process";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { query } from "../harness/query.ts";
import type { Testbed } from "./open-testbed.ts";

export type Machine = {
  readonly cpu: string;
  readonly memory: string;
  readonly system: string;
  readonly versions: string;
  readonly commit: string;
  /** Of the minute before the run: what else the machine was doing. */
  readonly loadBefore: string;
};

export async function describeMachine({ postgres, rabbitmq }: Testbed, loadBefore: number): Promise<Machine> {
  const all = cpus();
  const [version] = await query<{ server_version: string }>(postgres.url, "show server_version");
  const broker = await rabbitmq.ctl("version").catch(() => "unknown");
  return {
    cpu: `${all.length} × ${all[0]?.model.trim() ?? "unknown"}`,
    memory: `${(totalmem() / 1e9).toFixed(1)} GB`,
    system: `${platform()} ${release()}`,
    versions: `Node ${process.version}, PostgreSQL ${version?.server_version}, RabbitMQ ${broker.trim().split("\n").at(-1)}`,
    commit: commit(),
    loadBefore: loadBefore.toFixed(1),
  };
}

export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      encoding: "utf8",
      cwd: import.meta.dirname,
    }).trim();
  } catch {
    return "unknown";
  }
}
