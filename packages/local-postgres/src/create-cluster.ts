import { once } from "node:events";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Binaries } from "./find-binaries.ts";
import { LocalPostgresError } from "./local-postgres-error.ts";
import { handOver, type RunAs, spawnAs } from "./run-as.ts";

export type ClusterOptions = {
  /** The data folder to make. */
  readonly data: string;
  /** Whether TCP connections are trusted (a test server on loopback) or none is let in. */
  readonly overTcp: boolean;
  readonly durable: boolean;
};

/** The PostgreSQL major that a data folder belongs to; undefined when there is none yet. */
export function majorOf(data: string): number | undefined {
  const file = join(data, "PG_VERSION");
  if (existsSync(file)) return Number.parseInt(readFileSync(file, "utf8"), 10);
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new LocalPostgresError(
      "folder",
      `${data} holds something that is no PostgreSQL data (it has no PG_VERSION). Move it away, or choose another folder.`,
    );
  return undefined;
}

/** Removes what killed starts left of data folders that they were making. */
export function removeUnfinishedClusters(parent: string): void {
  for (const name of readdirSync(parent).filter((name) => name.startsWith(UNFINISHED)))
    try {
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // An initdb that outlived its start may be writing there still; it is in nobody's way, and the next start's to remove.
    }
}

const UNFINISHED = "postgres.new-";

/**
 * Makes a data folder: UTF-8 whatever the caller's locale, in a folder beside that takes its name only when complete,
 * because PostgreSQL refuses for good what a killed `initdb` leaves.
 */
export async function createCluster(binaries: Binaries, runAs: RunAs, options: ClusterOptions): Promise<void> {
  const parent = dirname(options.data);
  const beside = mkdtempSync(join(parent, UNFINISHED));
  handOver(runAs, beside);
  const child = spawnAs(runAs, binaries.initdb, initdbArguments(binaries.major, beside, options), {
    detached: true, // a Ctrl-C meant for this process would leave it half done
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [code, signal] = await once(child, "close");
  if (code !== 0) {
    rmSync(beside, { recursive: true, force: true });
    throw new LocalPostgresError(
      "failed",
      `initdb could not make ${options.data} (${signal ?? `exit ${code}`}):\n${output.trim()}`,
    );
  }
  renameSync(beside, options.data);
  syncFolder(parent);
}

function initdbArguments(major: number, folder: string, { overTcp, durable }: ClusterOptions): string[] {
  const locale =
    major >= 17
      ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
      : ["--locale=C", ...(process.platform === "linux" ? ["--lc-ctype=C.UTF-8"] : [])];
  return [
    `--pgdata=${folder}`,
    "--username=postgres",
    "--encoding=UTF8",
    ...locale,
    "--auth-local=trust", // the socket's folder is closed to other users
    `--auth-host=${overTcp ? "trust" : "reject"}`,
    "--no-instructions",
    ...(durable ? [] : ["--no-sync"]),
  ];
}

/** Makes a rename survive a power cut. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
