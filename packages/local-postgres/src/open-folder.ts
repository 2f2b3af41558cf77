import { mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { LocalPostgresError } from "./local-postgres-error.ts";
import { handOver, mayUse, type RunAs } from "./run-as.ts";

/** Makes a folder where there is none; → its real path. What root makes belongs to the owner of the folder around it. */
export function makeFolder(path: string): string {
  try {
    const first = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (first !== undefined && process.getuid?.() === 0) {
      const { uid, gid } = statSync(dirname(first));
      if (uid !== 0) handOver({ prefix: [], user: { uid, gid } }, first);
    }
    return realpathSync(path);
  } catch (error) {
    throw new LocalPostgresError("folder", `The folder ${path} can't be made: ${String(error)}. Choose another.`, {
      cause: error,
    });
  }
}

/** Gives the data to the user that PostgreSQL runs as: it starts on no folder of another owner. */
export function openData(runAs: RunAs, data: string): void {
  if (runAs.user !== undefined && statSync(data).uid !== runAs.user.uid) handOver(runAs, data);
}

/**
 * Sees to it that PostgreSQL gets into the folder. It changes hands only if it holds nothing but what this package puts
 * there, and only if that helps: a refused start must leave everything as it was.
 */
export function openFolder(runAs: RunAs, directory: string): void {
  const { user } = runAs;
  if (user === undefined) {
    if (mayUse(runAs, directory, "write")) return;
    throw new LocalPostgresError(
      "folder",
      `PostgreSQL, running as this user, can't write to the folder ${directory}. Change the owner of it, or of the folders around it that are closed, or choose another folder.`,
    );
  }
  if (mayUse(runAs, directory, "enter")) return;
  if (mayUse(runAs, dirname(directory), "enter") && readdirSync(directory).every(isOurs)) {
    handOver(runAs, directory);
    return;
  }
  throw new LocalPostgresError(
    "folder",
    `PostgreSQL refuses to run as root, and user ${user.uid}, as whom it must run here because user namespaces are forbidden, can't get into ${directory}. Put the data in a folder that this user may enter (such as /var/lib/pedidos), allow user namespaces, or start this as another user than root.`,
  );
}

const isOurs = (name: string) => /^(owner|run|postgres)(\..*)?$/.test(name);
