import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspectMark, markOfThisProcess } from "./inspect-process.ts";
import { codeOf, LocalPostgresError } from "./local-postgres-error.ts";

export type Claim = {
  /** `gone`: the process that claimed the folder before has ended. `unknown`: it can't be judged, or there was none. */
  readonly predecessor: "gone" | "unknown";
  release(): void;
  /** Leaves the folder as it was found, after a start that failed. */
  undo(): void;
};

/**
 * Claims a folder for this process by a file `owner` in it. So a second process is refused also while no server runs: during
 * `initdb`, a start, or a restart.
 *
 * The id of a process in another container says nothing here. Then the lock that it holds in its server decides.
 *
 * @throws {LocalPostgresError} while the process that claimed the folder lives, this process included
 */
export function claimFolder(folder: string): Claim {
  const file = join(folder, "owner");
  const mine = markOfThisProcess();
  for (let attempt = 0; attempt < 100; attempt++) {
    const earlier = readText(file);
    const { pid, state } = inspectMark(earlier ?? "");
    if (state === "alive")
      throw new LocalPostgresError(
        `${folder} is in use by process ${pid}, which is running. Stop that one first, or give this one another folder.`,
      );
    if ((earlier !== undefined && !moveAway(file, earlier)) || !putInPlace(file, mine)) continue;
    const release = () => {
      if (readText(file) === mine) rmSync(file, { force: true });
    };
    const undo = () => {
      release();
      if (earlier !== undefined) putInPlace(file, earlier);
    };
    return { predecessor: state, release, undo };
  }
  throw new LocalPostgresError(`Several processes want ${folder} at once. Start one of them.`);
}

/** Writes the file in one step, and never over another's. → false if there is one. */
function putInPlace(file: string, text: string): boolean {
  const beside = besideOf(file);
  try {
    writeFileSync(beside, text);
    linkSync(beside, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    const problem = `The folder ${dirname(file)} can't be written: ${String(error)}.`;
    throw new LocalPostgresError(`${problem} Change its owner, or choose another folder.`, { cause: error });
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Removes the claim that was judged, and puts back a newer one that replaced it meanwhile. */
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

const besideOf = (file: string) => `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
