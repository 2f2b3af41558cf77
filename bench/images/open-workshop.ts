import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";

/** A folder with an image store of its own. */
export type Workshop = {
  readonly folder: string;
  /** Runs `buildah` on that store; → what it printed. */
  buildah(...args: string[]): Promise<string>;
};

/**
 * Makes a workshop below a folder. Its mounts live in this process's mount namespace, which must be one of its own, so
 * that they are gone with the process however it ends, and the folder can be removed then.
 */
export function openWorkshop(below: string): Workshop {
  const folder = mkdtempSync(join(below, "workshop-"));
  const driver = canOverlay(folder) ? "overlay" : "vfs";
  const store = ["--root", join(folder, "store"), "--runroot", join(folder, "run"), "--storage-driver", driver];
  return {
    folder,
    buildah: (...args) => runCommand("buildah", [...store, ...args]),
  };
}

/** Where overlays can't be mounted, every layer is a whole copy (vfs): slower, and the same images. */
function canOverlay(folder: string): boolean {
  const trial = join(folder, "trial");
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => join(trial, name));
  if (lower === undefined || upper === undefined || work === undefined || merged === undefined) return false;
  for (const path of [lower, upper, work, merged]) mkdirSync(path, { recursive: true });
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const works = spawnSync("mount", ["-t", "overlay", "overlay", "-o", options, merged]).status === 0;
  if (works) spawnSync("umount", [merged]);
  rmSync(trial, { recursive: true, force: true });
  return works;
}
