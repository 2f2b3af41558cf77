import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspectMark, markOfThisProcess, type ProcessMark } from "./inspect-process.ts";
import { LocalPostgresError } from "./local-postgres-error.ts";

export type Claim = {
  /** Whether the one who claimed the folder before is known to be gone. */
  readonly predecessor: "gone" | "unknown";
  release(): void;
  /** For a start that came to nothing: leaves the folder as it was found. */
  undo(): void;
};

/**
 * Claims a folder for this process by a file `owner` in it, so that the folder is closed to a second process also while
 * no server runs: during `initdb`, a start, or between the death of a server and its next start.
 *
 * A process of another container can't be judged by its id. Then the mark that it holds in the server decides, and the
 * claim tells that it was of no help.
 *
 * @throws {LocalPostgresError} `in_use` while the process that claimed it lives, this one included.
 */
export function claimFolder(folder: string): Claim {
  const file = join(folder, "owner");
  const mine = JSON.stringify(markOfThisProcess());
  for (let attempt = 0; attempt < 100; attempt++) {
    const earlier = readText(file);
    if (earlier === undefined) {
      if (putInPlace(file, mine)) return claimOf(file, mine, undefined, "unknown");
      continue;
    }
    const mark = parseMark(earlier);
    const state = mark === undefined ? "unknown" : inspectMark(mark);
    if (state === "alive")
      throw new LocalPostgresError(
        "in_use",
        `${folder} is in use by process ${mark?.pid}, which is running. Stop that one first, or give this one another folder.`,
      );
    if (!moveAway(file, earlier)) continue;
    if (putInPlace(file, mine)) return claimOf(file, mine, earlier, state);
  }
  throw new LocalPostgresError("in_use", `Several processes want ${folder} at once. Start one of them.`);
}

/** Atomic, and never over another's claim. */
function putInPlace(file: string, text: string): boolean {
  const beside = besideOf(file);
  try {
    writeFileSync(beside, text);
    linkSync(beside, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw new LocalPostgresError(
      "folder",
      `The folder ${dirname(file)} can't be written: ${String(error)}. Change its owner, or choose another folder.`,
      {
        cause: error,
      },
    );
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Removes the claim that was judged, and puts back one that came in its place meanwhile. */
function moveAway(file: string, judged: string): boolean {
  const beside = besideOf(file);
  try {
    renameSync(file, beside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
  const moved = readText(beside);
  if (moved !== judged && moved !== undefined) putInPlace(file, moved);
  rmSync(beside, { force: true });
  return moved === judged;
}

function claimOf(file: string, mine: string, earlier: string | undefined, predecessor: Claim["predecessor"]): Claim {
  const release = () => {
    if (readText(file) === mine) rmSync(file, { force: true });
  };
  const undo = () => {
    release();
    if (earlier !== undefined) putInPlace(file, earlier);
  };
  return { predecessor, release, undo };
}

const besideOf = (file: string) => `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseMark(text: string): ProcessMark | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("pid" in value && "started" in value && "idSpace" in value)) return undefined;
    const { pid, started, idSpace } = value;
    if (typeof pid !== "number" || typeof started !== "string" || typeof idSpace !== "string") return undefined;
    return { pid, started, idSpace };
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
