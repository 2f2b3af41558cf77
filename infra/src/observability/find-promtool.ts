import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "./find-program.ts";

const FOLDER = join(import.meta.dirname, "../../../node_modules/.cache/prometheus");

/**
 * → promtool: the machine's own, or that of Debian's or Ubuntu's package `prometheus`, which is unpacked into a folder of
 * this clone: nothing is installed, and no service starts.
 *
 * @throws with what to do if that can't be done
 */
export function findPromtool(): string {
  try {
    return findProgram("promtool");
  } catch {
    const promtool = join(FOLDER, "usr/bin/promtool");
    if (!existsSync(promtool)) unpack();
    return promtool;
  }
}

function unpack(): void {
  console.log("no promtool here: unpacking that of the package prometheus");
  const apt = findProgram("apt-get", "Debian or Ubuntu; elsewhere install Prometheus yourself");
  mkdirSync(dirname(FOLDER), { recursive: true });
  const partial = mkdtempSync(`${FOLDER}.`);
  try {
    const run = (...args: string[]) =>
      execFileSync(apt, ["-qq", "-o", "DPkg::Lock::Timeout=300", ...args], { cwd: partial, stdio: "pipe" });
    try {
      run("download", "prometheus");
    } catch {
      // The machine has never asked for the list of packages, or too long ago.
      run("update");
      run("download", "prometheus");
    }
    const [archive] = readdirSync(partial);
    execFileSync("dpkg-deb", ["--extract", archive ?? "", "."], { cwd: partial });
    renameSync(partial, FOLDER);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
