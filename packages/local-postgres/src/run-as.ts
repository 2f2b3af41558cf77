import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { LocalPostgresError } from "./local-postgres-error.ts";

/** The user of PostgreSQL's programs: a command in front of theirs, or another user's ids. Without both: this user. */
export type RunAs = {
  readonly prefix: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
};

/**
 * PostgreSQL refuses to run as root. So root starts it in a user namespace that calls root `nobody`, where it reads and
 * writes root's own files. A folder of another owner is served as that user; where user namespaces are forbidden, PostgreSQL
 * runs as `nobody` itself.
 *
 * @param folder the existing folder whose owner decides
 */
export function chooseRunAs(folder: string): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const { uid, gid } = statSync(folder);
  if (uid !== 0) return { prefix: [], user: { uid, gid } };
  const [, nobody, group] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  if (nobody === undefined)
    throw new LocalPostgresError(
      "PostgreSQL refuses to run as root, and /etc/passwd has no user nobody to run it as. Start this as another user.",
    );
  const prefix = ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${group}`, "--"];
  return spawnSync("unshare", [...prefix.slice(1), "true"], { stdio: "ignore" }).status === 0
    ? { prefix }
    : { prefix: [], user: { uid: Number(nobody), gid: Number(group) } };
}

/** Whether that user may enter a folder, or write to it. */
export function mayUse(runAs: RunAs, folder: string, use: "enter" | "write"): boolean {
  const script = use === "enter" ? 'cd "$1"' : 'cd "$1" && test -w .';
  return outputAs(runAs, "/bin/sh", ["-c", script, "sh", folder]) !== undefined;
}

/** Gives a file, or a folder with all that is in it, to the other user that PostgreSQL runs as, if it is another's. */
export function handOver({ user }: RunAs, path: string): void {
  if (user !== undefined && statSync(path).uid !== user.uid)
    spawnSync("chown", ["-R", `${user.uid}:${user.gid}`, path], { stdio: "ignore" });
}

/**
 * Starts a program as that user, in a process group of its own, because a Ctrl-C meant for this process would end it too. Of
 * this process's environment it gets what it needs, and what is added.
 */
export function spawnAs(
  runAs: RunAs,
  program: string,
  programArgs: readonly string[],
  stdio: StdioOptions,
  added: Readonly<Record<string, string>> = {},
): ChildProcess {
  const [command, args, options] = commandOf(runAs, program, programArgs);
  return spawn(command, args, { ...options, env: { ...options.env, ...added }, stdio, detached: true });
}

/** As {@link spawnAs}, and waits for its end; → its output, or undefined if it could not run or failed. */
export function outputAs(runAs: RunAs, program: string, programArgs: readonly string[]): string | undefined {
  const [command, args, options] = commandOf(runAs, program, programArgs);
  const result = spawnSync(command, args, { ...options, encoding: "utf8" });
  return result.status === 0 ? result.stdout : undefined;
}

/** The caller's PG… variables and locale would change what the programs do; LC_ALL=C keeps their messages in English. */
const KEPT_VARIABLES = ["PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

function commandOf({ prefix, user }: RunAs, program: string, programArgs: readonly string[]) {
  const [command = program, ...args] = [...prefix, program, ...programArgs];
  const env: NodeJS.ProcessEnv = { LC_ALL: "C" };
  for (const name of KEPT_VARIABLES) if (process.env[name] !== undefined) env[name] = process.env[name];
  return [command, args, { env, cwd: "/", ...user }] as const;
}
