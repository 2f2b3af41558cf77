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
import { text } from "node:stream/consumers";
import type { Binaries } from "./find-binaries.ts";
import { LocalPostgresError } from "./local-postgres-error.ts";
import { handOver, type RunAs, spawnAs } from "./run-as.ts";

/** → the PostgreSQL major of a data folder; undefined if there is none yet. */
export function majorOf(data: string): number | undefined {
  const file = join(data, "PG_VERSION");
  if (existsSync(file)) return Number.parseInt(readFileSync(file, "utf8"), 10);
  if (!existsSync(data) || readdirSync(data).length === 0) return undefined;
  throw new LocalPostgresError(
    `${data} holds something that is no PostgreSQL data (it has no PG_VERSION). Move it away, or choose another folder.`,
  );
}

const UNFINISHED = "postgres.new-";

/** Removes the data folders that killed starts left unfinished. */
export function removeUnfinishedClusters(parent: string): void {
  for (const name of readdirSync(parent).filter((name) => name.startsWith(UNFINISHED)))
    try {
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // An initdb that outlived its start may still write there. It harms nothing, and the next start removes it.
    }
}

/**
 * Makes a data folder, in UTF-8 under any locale of the caller. It takes its name only when it is complete, because
 * PostgreSQL never accepts what a killed `initdb` leaves.
 *
 * @param hostAuth whether TCP connections are trusted (for tests on loopback) or refused
 */
export async function createCluster(
  { initdb, major }: Binaries,
  runAs: RunAs,
  data: string,
  { hostAuth, durable }: { readonly hostAuth: "trust" | "reject"; readonly durable: boolean },
): Promise<void> {
  const parent = dirname(data);
  const unfinished = mkdtempSync(join(parent, UNFINISHED));
  handOver(runAs, unfinished);
  const args = [
    `--pgdata=${unfinished}`,
    "--username=postgres",
    "--encoding=UTF8",
    ...localeArguments(major),
    "--auth-local=trust", // the socket's folder is closed to other users
    `--auth-host=${hostAuth}`,
    "--no-instructions",
    ...(durable ? [] : ["--no-sync"]),
  ];
  const child = spawnAs(runAs, initdb, args, ["ignore", "pipe", "pipe"]);
  const output = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? "" : text(stream))));
  const [code, signal] = await once(child, "close");
  if (code !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    const said = (await output).join("").trim();
    throw new LocalPostgresError(`initdb could not make ${data} (${signal ?? `exit ${code}`}):\n${said}`);
  }
  renameSync(unfinished, data);
  syncFolder(parent);
}

function localeArguments(major: number): string[] {
  if (major >= 17) return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  return ["--locale=C", ...(process.platform === "linux" ? ["--lc-ctype=C.UTF-8"] : [])];
}

/** Makes a rename survive a power cut. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
