import { startLocalPostgres } from "./index.ts";

// The owner of a server as a process of its own, for tests to kill. It says when it is ready, and what went wrong.
const quiet = () => {};
const [directory = ""] = process.argv.slice(2);
try {
  const server = await startLocalPostgres({
    directory,
    binaries: process.env.TEST_POSTGRES_DIR || undefined,
    log: { info: quiet, warn: quiet, error: quiet },
  });
  process.once("SIGTERM", () => server.stop().then(() => process.exit(0)));
  process.stdout.write(`ready ${server.pid()} ${server.connectionString}\n`);
} catch (error) {
  process.stdout.write(`refused ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
