import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaveNothing } from "./leave-nothing.ts";

/** A file system of a size of its own, in memory. It does not outlive this process. */
export type SmallDisk = {
  readonly folder: string;
  /** Leaves no byte of it free. */
  fill(): void;
  /** Frees what `fill` took. */
  free(): void;
  /** Nothing may be at work in it any more. */
  remove(): void;
};

const CHUNK = Buffer.alloc(1024 * 1024);
const UNMOUNT = 'umount -l "$0" 2>/dev/null; rmdir "$0" 2>/dev/null';

/** → undefined if this process may not mount one: not as root, or in a container that forbids it. */
export function mountSmallDisk(sizeMb: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m,mode=0755`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const remains = leaveNothing("pedidos-disk-end-", ["sh", "-c", UNMOUNT, folder]);
  const filler = join(folder, "filler");
  return {
    folder,
    fill() {
      const file = openSync(filler, "a");
      try {
        // The last bytes go in as smaller chunks.
        for (let bytes = CHUNK.length; bytes >= 512; bytes /= 2) while (hasRoom(file, bytes)) {}
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove: () => remains.remove(),
  };
}

function hasRoom(file: number, bytes: number): boolean {
  try {
    return writeSync(file, CHUNK, 0, bytes) === bytes;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}
