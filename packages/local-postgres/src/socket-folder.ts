import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { handOver, type RunAs } from "./run-as.ts";

/** The shortest limit of those that matter: macOS allows 103 bytes, Linux 107. */
const LONGEST_PATH_BYTES = 103;
const PREFIX = "pedidos-pg-";

/** A folder for the server's socket that only this user can enter: `run` in the given one, or a short one elsewhere. */
export function makeSocketFolder(folder: string, port: number, runAs: RunAs): string {
  const near = join(folder, "run");
  const fits = (path: string) => Buffer.byteLength(join(path, `.s.PGSQL.${port}`)) <= LONGEST_PATH_BYTES;
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
