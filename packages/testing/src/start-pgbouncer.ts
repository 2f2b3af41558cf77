import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { findFreePort } from "./find-free-port.ts";
import { findProgram } from "./find-program.ts";
import { installPackage, mayInstallPackages } from "./install-package.ts";
import { leaveNothing } from "./leave-nothing.ts";
import { startOwnProcess } from "./own-process.ts";

export type PgbouncerOptions = {
  /** Of a database on a server that lets everybody in without a password, as that of `startPostgres` does. */
  readonly databaseUrl: string;
  readonly poolMode: "session" | "transaction" | "statement";
  /** How many of the server's sessions it shares out. Default 3. */
  readonly poolSize?: number;
};

/** A private PgBouncer in front of a database. */
export type Pgbouncer = {
  /** Of the same database, through it. */
  readonly url: string;
  /** Ends it and removes its files. What is not removed is, when this process exits. */
  remove(): Promise<void>;
};

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

/**
 * Starts a PgBouncer of its own on a free port: the program that TEST_PGBOUNCER names, so that a suite can be run on
 * another version; else the machine's; else that of Debian's or Ubuntu's package, which it installs.
 */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const program = process.env.TEST_PGBOUNCER || findPgbouncer() || installPgbouncer();
  const remains = leaveNothing("pedidos-pgbouncer-");
  const url = new URL(options.databaseUrl);
  const server = { host: url.hostname, port: url.port };
  url.port = String(await findFreePort());
  // It refuses to run as root, and reads its files as the user that it becomes.
  chmodSync(remains.folder, 0o755);
  writeFileSync(join(remains.folder, "users"), `"${url.username}" ""\n`);
  writeFileSync(
    join(remains.folder, "pgbouncer.ini"),
    `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${url.port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(remains.folder, "users")}
pool_mode = ${options.poolMode}
default_pool_size = ${options.poolSize ?? 3}
`,
  );
  const asNobody = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const bouncer = await startOwnProcess(
    program,
    [...asNobody, join(remains.folder, "pgbouncer.ini")],
    process.env,
    remains,
  );
  const remove = async () => {
    await bouncer.end("SIGINT", STOP_LIMIT_MS);
    remains.remove();
  };
  try {
    await awaitAnswer(url.href, () => (bouncer.hasEnded() ? bouncer.tail() : undefined));
  } catch (error) {
    await remove();
    throw error;
  }
  return { url: url.href, remove };
}

async function awaitAnswer(connectionString: string, failed: () => string | undefined): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const failure = failed();
    if (failure !== undefined) throw new Error(`the private PgBouncer ended while it started: ${failure}`);
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`the private PgBouncer took no connection within ${START_LIMIT_MS / 1_000} s`, {
          cause: error,
        });
    }
    await sleep(50);
  }
}

function findPgbouncer(): string | undefined {
  return findProgram("pgbouncer", ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"]);
}

function installPgbouncer(): string {
  if (!mayInstallPackages())
    throw new Error(
      "The tests need PgBouncer, and there is none: no pgbouncer on the PATH, and no right to install Debian's package (that takes root on Debian or Ubuntu). Install it, or name the program in TEST_PGBOUNCER.",
    );
  process.stderr.write("no PgBouncer here: installing the package pgbouncer\n");
  installPackage("pgbouncer");
  const found = findPgbouncer();
  if (found === undefined) throw new Error("apt-get installed pgbouncer, but there is none");
  return found;
}
