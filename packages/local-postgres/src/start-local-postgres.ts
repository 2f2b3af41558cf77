import { join } from "node:path";
import { type Claim, claimFolder } from "./claim-folder.ts";
import { createCluster, majorOf, removeUnfinishedClusters } from "./create-cluster.ts";
import { endOrphan } from "./end-server.ts";
import { findBinaries } from "./find-binaries.ts";
import { keepRunning, type RunningServer, type Site } from "./keep-running.ts";
import { LocalPostgresError, type Log } from "./local-postgres-error.ts";
import type { Address } from "./owner-lock.ts";
import { makeFolder, makeSocketFolder, openFolder, removeShortSocketFolder } from "./prepare-folders.ts";
import { chooseRunAs, handOver } from "./run-as.ts";

export type LocalPostgresOptions = {
  /** The folder for all its files; made where absent. Its folder `postgres` holds the data. */
  readonly directory: string;
  /** A folder that holds PostgreSQL's `bin/`; by default that of the npm package. */
  readonly binaries?: string | undefined;
  /**
   * An address for TCP, without a password for everyone who can connect; for tests on loopback. By default there is no TCP port,
   * only a socket that no other user can open.
   */
  readonly listen?: Address;
  /** Further settings of PostgreSQL, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Further variables of the server's environment, by name; for tests. */
  readonly environment?: Readonly<Record<string, string>>;
  /** False: a power cut may lose what was committed. For tests. Default true. */
  readonly durable?: boolean;
  /** Whether a server that ends by itself is started again. Default true. */
  readonly restart?: boolean;
  readonly log: Log;
};

export type LocalPostgres = RunningServer & {
  /** For `pg` and `libpq`: the superuser `postgres` and the database of that name. It stays the same across restarts. */
  readonly connectionString: string;
};

/**
 * Starts a PostgreSQL server that belongs to this process, on a folder that no other process may use meanwhile. It first
 * ends or removes what an earlier process left there.
 *
 * @throws {LocalPostgresError} with a message for the person who started it
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  if (process.platform === "win32")
    throw new LocalPostgresError("There is no local PostgreSQL on Windows; use WSL, or a database server.");
  const directory = makeFolder(options.directory);
  const claim = claimFolder(directory);
  try {
    const site = await prepareSite(directory, claim.predecessor, options);
    const running = await keepRunning(site, options.restart ?? true, options.log);
    return {
      ...running,
      connectionString: connectionStringOf(site.address),
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

/** Prepares everything that a server needs; it refuses before it changes anything. */
async function prepareSite(
  directory: string,
  predecessor: Claim["predecessor"],
  options: LocalPostgresOptions,
): Promise<Site> {
  const { listen, durable = true, environment = {}, log } = options;
  const data = join(directory, "postgres");
  const major = majorOf(data);
  const runAs = chooseRunAs(major === undefined ? directory : data);
  openFolder(runAs, directory);
  const binaries = findBinaries(options.binaries, runAs);
  if (major !== undefined && major !== binaries.major)
    throw new LocalPostgresError(
      `${data} was made by PostgreSQL ${major}, and this is PostgreSQL ${binaries.major} (${binaries.postgres}). Name the folder of a PostgreSQL ${major} in POSTGRES_DIR, or carry the data over with pg_dump or pg_upgrade, or choose another folder. Nothing was changed.`,
    );
  const last = await endOrphan(data, predecessor, log);
  if (last !== undefined) removeShortSocketFolder(last.host);
  removeUnfinishedClusters(directory);
  if (major === undefined) {
    log.info({ data }, "making a PostgreSQL data folder");
    await createCluster(binaries, runAs, data, { hostAuth: listen === undefined ? "reject" : "trust", durable });
  } else handOver(runAs, data); // it starts on no folder of another owner
  const port = listen?.port ?? 5432;
  const socketFolder = makeSocketFolder(directory, port, runAs);
  const settings = Object.entries(serverSettings(socketFolder, port, options));
  return {
    program: binaries.postgres,
    args: ["-D", data, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    runAs,
    environment,
    data,
    socketFolder,
    logFile: join(directory, "postgres.log"),
    address: listen ?? { host: socketFolder, port },
  };
}

function serverSettings(socketFolder: string, port: number, options: LocalPostgresOptions): Record<string, string> {
  const { listen, durable = true, settings } = options;
  return {
    port: String(port),
    listen_addresses: listen?.host ?? "",
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    log_destination: "stderr",
    logging_collector: "off",
    log_checkpoints: "off",
    // Statements, parameters, and details such as "Failing row contains" hold orders: failures are logged without them.
    log_min_error_statement: "panic",
    log_parameter_max_length: "0",
    log_parameter_max_length_on_error: "0",
    log_error_verbosity: "terse",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
    ...settings,
  };
}

/** Names everything, so that no PG… variable of the environment changes it. */
function connectionStringOf({ host, port }: Address): string {
  return host.startsWith("/")
    ? `postgresql:///postgres?host=${encodeURIComponent(host)}&port=${port}&user=postgres&sslmode=disable`
    : `postgresql://postgres@${host}:${port}/postgres?sslmode=disable`;
}
