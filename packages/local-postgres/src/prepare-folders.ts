import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { LocalPostgresError } from "./local-postgres-error.ts";
import { handOver, mayUse, type RunAs } from "./run-as.ts";

/** Makes a folder if it is absent; → its real path. A folder that root makes gets the owner of the folder around it. */
export function makeFolder(path: string): string {
  try {
    const first = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (first !== undefined && process.getuid?.() === 0) {
      const { uid, gid } = statSync(dirname(first));
      if (uid !== 0) handOver({ prefix: [], user: { uid, gid } }, first);
    }
    return realpathSync(path);
  } catch (error) {
    throw new LocalPostgresError(`The folder ${path} can't be made: ${String(error)}. Choose another.`, {
      cause: error,
    });
  }
}

/**
 * Lets PostgreSQL into the folder. The folder changes its owner only if it holds only this package's files, and
 * if that helps: a refused start must leave everything as it was.
 */
export function openFolder(runAs: RunAs, directory: string): void {
  const { user } = runAs;
  if (mayUse(runAs, directory, user === undefined ? "write" : "enter")) return;
  if (user === undefined)
    throw new LocalPostgresError(
      `PostgreSQL, running as this user, can't write to the folder ${directory}. Change the owner of it, or of the folders around it that are closed, or choose another folder.`,
    );
  if (!mayUse(runAs, dirname(directory), "enter") || !readdirSync(directory).every(isOurs))
    throw new LocalPostgresError(
      `PostgreSQL refuses to run as root, and user ${user.uid}, as whom it must run here because user namespaces are forbidden, can't get into ${directory}. Put the data in a folder that this user may enter (such as /var/lib/pedidos), allow user namespaces, or start this as another user than root.`,
    );
  handOver(runAs, directory);
}

const isOurs = (name: string) => /^(owner|run|postgres)(\..*)?$/.test(name);

/** The lower limit of macOS (103 bytes) and Linux (107). */
const LONGEST_SOCKET_BYTES = 103;
const PREFIX = "pedidos-pg-";

/** Makes the folder of the server's socket, closed to other users: `run` in the given folder, or one with a short path. */
export function makeSocketFolder(folder: string, port: number, runAs: RunAs): string {
  const near = join(folder, "run");
  const fits = (path: string) => Buffer.byteLength(join(path, `.s.PGSQL.${port}`)) <= LONGEST_SOCKET_BYTES;
  const chosen = fits(near)
    ? near
    : mkdtempSync(join(fits(join(tmpdir(), `${PREFIX}xxxxxx`)) ? tmpdir() : "/tmp", PREFIX));
  mkdirSync(chosen, { recursive: true });
  chmodSync(chosen, 0o700);
  handOver(runAs, chosen);
  return chosen;
}

/** Removes a socket's folder that was made elsewhere for its short path; any other stays. */
export function removeShortSocketFolder(folder: string): void {
  if (basename(folder).startsWith(PREFIX)) rmSync(folder, { recursive: true, force: true });
}
