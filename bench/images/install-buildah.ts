import { execFileSync } from "node:child_process";
import { findProgram } from "./find-program.ts";

/** Brings Debian's or Ubuntu's buildah where there is none. @throws with what to do where that can't be done */
export function installBuildah(): void {
  try {
    findProgram("buildah");
    return;
  } catch {
    console.log("no buildah here: installing the package");
  }
  const apt = findProgram("apt-get", "Debian or Ubuntu; elsewhere install buildah yourself");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const command of [["update"], ["install", "--no-install-recommends", "buildah"]])
    execFileSync(apt, ["-qq", "-o", "DPkg::Lock::Timeout=300", ...command], { stdio: "inherit", env });
}
