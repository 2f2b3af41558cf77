import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { LocalPostgresError } from "./local-postgres-error.ts";

/** Who PostgreSQL's programs run as: a command in front of theirs, or another user's ids. Both absent: this user. */
export type RunAs = {
  readonly prefix: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
};

/**
 * PostgreSQL refuses to run as root. So root starts it in a user namespace where root is called `nobody`: it then reads
 * and writes root's own files. A folder that belongs to someone else is served as that user; where user namespaces are
 * forbidden, as `nobody` itself.
 *
 * @param folder an existing folder, the one whose owner decides.
 */
export function chooseRunAs(folder: string): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const owner = statSync(folder);
  if (owner.uid !== 0) return { prefix: [], user: { uid: owner.uid, gid: owner.gid } };
  const nobody = findNobody();
  if (nobody === undefined)
    throw new LocalPostgresError(
      "folder",
      "PostgreSQL refuses to run as root, and /etc/passwd has no user nobody to run it as. Start this as another user.",
    );
  const prefix = ["unshare", "--user", `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, "--"];
  return spawnSync("unshare", [...prefix.slice(1), "true"], { stdio: "ignore" }).status === 0
    ? { prefix }
    : { prefix: [], user: nobody };
}

function findNobody(): { uid: number; gid: number } | undefined {
  const line = readFileSync("/etc/passwd", "utf8").match(/^nobody:[^:]*:(-?\d+):(-?\d+):/m);
  return line === null ? undefined : { uid: Number(line[1]), gid: Number(line[2]) };
}

/** Whether that user may enter a folder, and write it. */
export function mayUse(runAs: RunAs, folder: string, use: "enter" | "write"): boolean {
  const script = use === "enter" ? 'cd "$1"' : 'cd "$1" && test -w .';
  const { command, args, options } = commandOf(runAs, "/bin/sh", ["-c", script, "sh", folder]);
  return spawnSync(command, args, { ...options, stdio: "ignore" }).status === 0;
}

/** Gives a file, or a folder with all that is in it, to the other user that PostgreSQL runs as. */
export function handOver({ user }: RunAs, path: string): void {
  if (user !== undefined) spawnSync("chown", ["-R", `${user.uid}:${user.gid}`, path], { stdio: "ignore" });
}

/** Starts a program as that user, with an environment of which PostgreSQL reads nothing but what it needs and `more` names. */
export function spawnAs(
  runAs: RunAs,
  program: string,
  programArgs: readonly string[],
  more: SpawnOptions,
): ChildProcess {
  const { command, args, options } = commandOf(runAs, program, programArgs);
  return spawn(command, args, { ...more, ...options, env: { ...options.env, ...more.env } });
}

/** As {@link spawnAs}, waiting for its end; → its output, or undefined when it could not run or failed. */
export function outputAs(runAs: RunAs, program: string, programArgs: readonly string[]): string | undefined {
  const { command, args, options } = commandOf(runAs, program, programArgs);
  const result = spawnSync(command, args, { ...options, encoding: "utf8" });
  return result.status === 0 ? result.stdout : undefined;
}

/** PG… variables and locales of the caller change what the programs do: LC_ALL=C keeps their messages in English. */
const KEPT_VARIABLES = ["PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

function commandOf({ prefix, user }: RunAs, program: string, programArgs: readonly string[]) {
  const [command = program, ...args] = [...prefix, program, ...programArgs];
  const env: NodeJS.ProcessEnv = { LC_ALL: "C" };
  for (const name of KEPT_VARIABLES) if (process.env[name] !== undefined) env[name] = process.env[name];
  return { command, args, options: { env, cwd: "/", ...user } };
}
