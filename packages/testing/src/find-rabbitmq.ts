import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "./find-program.ts";

/** The programs of one RabbitMQ installation, each as a command and its first arguments. */
export type RabbitmqBinaries = {
  readonly server: readonly [string, ...string[]];
  readonly ctl: readonly [string, ...string[]];
  readonly epmd: readonly [string, ...string[]];
};

/** Where packages put RabbitMQ when its folder is not on the PATH: Debian, Fedora, Homebrew, the generic archive. */
const USUAL_FOLDERS = [
  "/usr/sbin",
  "/usr/local/sbin",
  "/usr/lib/rabbitmq/bin",
  "/opt/homebrew/sbin",
  "/opt/rabbitmq/sbin",
];

/**
 * Runs a command in a folder that holds a whole system, with this machine's devices, processes and temporary files; only
 * that command sees the mounts, and they end with it.
 */
const ENTER = `
set -e
root=$1
shift
for folder in /dev /proc "\${TMPDIR:-/tmp}"; do
  mkdir -p "$root$folder"
  mount --rbind "$folder" "$root$folder"
done
exec chroot "$root" "$@"
`;

/** RabbitMQ in a folder with an unpacked Debian (see unpack-rabbitmq.sh); to run it takes root. */
export function rabbitmqIn(root: string): RabbitmqBinaries {
  const within = (program: string) => ["unshare", "--mount", "/bin/sh", "-c", ENTER, "sh", root, program] as const;
  const scripts = "/usr/lib/rabbitmq/bin";
  if (!existsSync(join(root, scripts, "rabbitmq-server")))
    throw new Error(`TEST_RABBITMQ_ROOT is ${root}, and there is no ${scripts}/rabbitmq-server in it`);
  return {
    server: within(join(scripts, "rabbitmq-server")),
    ctl: within(join(scripts, "rabbitmqctl")),
    epmd: within("/usr/bin/epmd"),
  };
}

/** RabbitMQ as it is installed on this machine, or undefined. */
export function findRabbitmq(): RabbitmqBinaries | undefined {
  const server = findProgram("rabbitmq-server", USUAL_FOLDERS);
  const epmd = findProgram("epmd", [
    "/usr/bin",
    "/opt/homebrew/bin",
    "/usr/local/lib/erlang/bin",
    "/usr/lib/erlang/bin",
  ]);
  if (server === undefined || epmd === undefined) return undefined;
  const scripts = folderOfScripts(server);
  const ctl = join(scripts, "rabbitmqctl");
  return existsSync(ctl) ? { server: [join(scripts, "rabbitmq-server")], ctl: [ctl], epmd: [epmd] } : undefined;
}

/** Debian puts wrappers on the PATH that change the user and write to the shared log; `rabbitmq-defaults` does not have one. */
function folderOfScripts(server: string): string {
  const defaults = join(dirname(server), "rabbitmq-defaults");
  for (const folder of [existsSync(defaults) ? dirname(realpathSync(defaults)) : "", "/usr/lib/rabbitmq/bin"])
    if (folder !== "" && existsSync(join(folder, "rabbitmq-server"))) return folder;
  return dirname(realpathSync(server));
}
