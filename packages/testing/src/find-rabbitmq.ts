import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The scripts of one RabbitMQ installation. */
export type RabbitmqBinaries = { readonly server: string; readonly ctl: string; readonly epmd: string };

/** Where packages put RabbitMQ when its folder is not on the PATH: Debian, Fedora, Homebrew, the generic archive. */
const USUAL_FOLDERS = [
  "/usr/sbin",
  "/usr/local/sbin",
  "/usr/lib/rabbitmq/bin",
  "/opt/homebrew/sbin",
  "/opt/rabbitmq/sbin",
];

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
  return existsSync(ctl) ? { server: join(scripts, "rabbitmq-server"), ctl, epmd } : undefined;
}

/** Debian puts wrappers on the PATH that change the user and write to the shared log; `rabbitmq-defaults` does not have one. */
function folderOfScripts(server: string): string {
  const defaults = join(dirname(server), "rabbitmq-defaults");
  for (const folder of [existsSync(defaults) ? dirname(realpathSync(defaults)) : "", "/usr/lib/rabbitmq/bin"])
    if (folder !== "" && existsSync(join(folder, "rabbitmq-server"))) return folder;
  return dirname(realpathSync(server));
}

/** The first executable of this name on the PATH, then in the other folders. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...path, ...folders].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
