import { join } from "node:path";
import { type Claim, claimFolder } from "./claim-folder.ts";
import { createCluster, majorOf, removeUnfinishedClusters } from "./create-cluster.ts";
import { endOrphan } from "./end-orphan.ts";
import { type Binaries, findBinaries } from "./find-binaries.ts";
import { keepRunning, type Site } from "./keep-running.ts";
import { LocalPostgresError } from "./local-postgres-error.ts";
import type { Log } from "./log.ts";
import { makeFolder, openData, openFolder } from "./open-folder.ts";
import type { Address } from "./owner-session.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { chooseRunAs } from "./run-as.ts";
import type { ServerExit } from "./server-process.ts";
import { makeSocketFolder, removeShortSocketFolder } from "./socket-folder.ts";

export type LocalPostgresOptions = {
  /** The folder for all its files; made when absent. The data itself lies in `postgres` in it. */
  readonly directory: string;
  /** A folder that holds PostgreSQL's `bin/`; by default that of the npm package. */
  readonly binaries?: string | undefined;
  /**
   * `socket` (the default): only this user gets in, and there is no TCP port. An address: TCP, where everyone who can
   * reach it is let in without a password; for tests on loopback.
   */
  readonly listen?: "socket" | { readonly host: string; readonly port: number };
  /** More of PostgreSQL's settings, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** More of the server's environment, by name; for tests. */
  readonly environment?: Readonly<Record<string, string>>;
  /** False: what was committed may be lost in a power cut. For tests. Default true. */
  readonly durable?: boolean;
  /** Whether a server that ends by itself is started again. Default true. */
  readonly restart?: boolean;
  readonly log: Log;
};

export type LocalPostgres = {
  /** For `pg` and `libpq`: the superuser `postgres` and the database of that name. It stays the same across restarts. */
  readonly connectionString: string;
  /** The id of the server's first process; undefined while none runs. */
  pid(): number | undefined;
  /** Calls back when the server ends without having been told to. */
  onExit(listener: (exit: ServerExit) => void): void;
  /** Fast shutdown; by force where that takes over 5 s. Resolves when no process of it is left; any number of times. */
  stop(): Promise<void>;
};

/**
 * Starts a PostgreSQL server that belongs to this process, on a folder that no other process may use meanwhile. What an
 * earlier process left there, be it a running server, is dealt with.
 *
 * @throws {LocalPostgresError} with a message for the person who started it.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  if (process.platform === "win32")
    throw new LocalPostgresError(
      "no_binaries",
      "There is no local PostgreSQL on Windows; use WSL, or a database server.",
    );
  const directory = makeFolder(options.directory);
  const claim = claimFolder(directory);
  try {
    const site = await prepareSite(directory, claim.predecessor, options);
    const running = await keepRunning(site, options.restart ?? true, options.log);
    return {
      connectionString: connectionStringOf(site.address),
      pid: running.pid,
      onExit: running.onExit,
      async stop() {
        await running.stop();
        claim.release();
      },
    };
  } catch (error) {
    claim.undo();
    throw error;
  }
}

/** Sees to everything that a server needs before it can be started; refusals come before the first change. */
async function prepareSite(
  directory: string,
  predecessor: Claim["predecessor"],
  options: LocalPostgresOptions,
): Promise<Site> {
  const { listen = "socket", durable = true, log } = options;
  const data = join(directory, "postgres");
  const major = majorOf(data);
  const runAs = chooseRunAs(major === undefined ? directory : data);
  openFolder(runAs, directory);
  const binaries = findBinaries(options.binaries, runAs);
  refuseOtherMajor(data, major, binaries);
  const left = readPostmasterFile(data);
  await endOrphan(data, predecessor, log);
  if (left !== undefined) removeShortSocketFolder(left.host);
  removeUnfinishedClusters(directory);
  if (major === undefined) {
    log.info({ data }, "making a PostgreSQL data folder");
    await createCluster(binaries, runAs, { data, overTcp: listen !== "socket", durable });
  } else openData(runAs, data);
  const port = portOf(options);
  const socketFolder = makeSocketFolder(directory, port, runAs);
  return {
    launch: {
      program: binaries.postgres,
      args: serverArguments(data, socketFolder, options),
      runAs,
      environment: options.environment ?? {},
      logFile: join(directory, "postgres.log"),
    },
    address: { host: listen === "socket" ? socketFolder : listen.host, port },
    data,
    socketFolder,
  };
}

const portOf = ({ listen = "socket" }: LocalPostgresOptions) => (listen === "socket" ? 5432 : listen.port);

function refuseOtherMajor(data: string, major: number | undefined, binaries: Binaries): void {
  if (major === undefined || major === binaries.major) return;
  throw new LocalPostgresError(
    "other_major",
    `${data} was made by PostgreSQL ${major}, and this is PostgreSQL ${binaries.major} (${binaries.postgres}). Name the folder of a PostgreSQL ${major} in POSTGRES_DIR, or carry the data over with pg_dump or pg_upgrade, or choose another folder. Nothing was changed.`,
  );
}

function serverArguments(data: string, socketFolder: string, options: LocalPostgresOptions): string[] {
  const { listen = "socket", durable = true } = options;
  const settings: Record<string, string> = {
    port: String(portOf(options)),
    listen_addresses: listen === "socket" ? "" : listen.host,
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    log_destination: "stderr",
    logging_collector: "off",
    log_checkpoints: "off",
    // Statements, their parameters, and details such as "Failing row contains" carry orders; what failed is logged without.
    log_min_error_statement: "panic",
    log_parameter_max_length: "0",
    log_parameter_max_length_on_error: "0",
    log_error_verbosity: "terse",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
    ...options.settings,
  };
  return ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** Everything is said, so that no PG… variable of the environment changes it. */
function connectionStringOf({ host, port }: Address): string {
  return host.startsWith("/")
    ? `postgresql:///postgres?host=${encodeURIComponent(host)}&port=${port}&user=postgres&sslmode=disable`
    : `postgresql://postgres@${host}:${port}/postgres?sslmode=disable`;
}
