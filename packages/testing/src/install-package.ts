import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { findProgram } from "./find-program.ts";

/** What package scripts ask before they start a service: 101 forbids it. */
const POLICY = "/usr/sbin/policy-rc.d";

/** Whether this is Debian, Ubuntu or one of their kin, and this process may install packages on it. */
export function mayInstallPackages(): boolean {
  if (process.getuid?.() !== 0 || findProgram("apt-get") === undefined) return false;
  return (
    existsSync("/etc/os-release") && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"))
  );
}

/** Installs a package of the distribution, without leaving its service running. */
export function installPackage(name: string): void {
  const forbid = !existsSync(POLICY);
  if (forbid) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    aptGet("update");
    aptGet("install", "--yes", "--no-install-recommends", name);
  } finally {
    if (forbid) rmSync(POLICY);
  }
}

function aptGet(...args: string[]): void {
  const result = spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0)
    throw new Error(`apt-get ${args.join(" ")} failed:\n${result.stderr ?? String(result.error)}`);
}
