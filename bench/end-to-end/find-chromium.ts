import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** → the path of a Chromium: the machine's own, else Debian's package, which it installs where it may. */
export function findChromium(): string {
  return onPath("chromium-browser") ?? onPath("google-chrome") ?? findProgram("chromium");
}

/** → the path of a program that Debian has under its own name: what is on the PATH, else the package, where it may. */
export function findProgram(program: string): string {
  const found = onPath(program);
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || onPath("apt-get") === undefined)
    throw new Error(`This needs ${program}, and there is none on the PATH. Install it, or run as root on Debian.`);
  process.stderr.write(`no ${program} here: installing the package of that name\n`);
  aptGet("update");
  aptGet("install", "--yes", "--no-install-recommends", program);
  const installed = onPath(program);
  if (installed === undefined) throw new Error(`apt-get installed ${program}, but there is none on the PATH`);
  return installed;
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function aptGet(...args: string[]): void {
  const { status, stderr } = spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${stderr}`);
}
