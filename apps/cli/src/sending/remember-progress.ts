import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { ReportSizes } from "./write-report.ts";

/** How far a file has been sent: every order up to `line` is durable at the target, or in the report. */
const Sent = Type.Object({
  line: Type.Integer(),
  accepted: Type.Integer(),
  rejected: Type.Integer(),
  report: ReportSizes,
});
export type Sent = Static<typeof Sent>;

const Memory = Type.Object({ target: Type.String(), size: Type.Integer(), modified: Type.Number(), sent: Sent });

export type ProgressMemory = {
  /** The progress of an unfinished run with the same file, unchanged, target and options; else null. */
  readonly sent: Sent | null;
  /** → false if the folder of the file can't be written. */
  readonly save: (sent: Sent) => boolean;
  readonly forget: () => void;
};

/**
 * Keeps the progress of a file in `FILE.sending` beside it, so that a run after a kill goes on there. Without it only time is
 * lost: orders that are sent again are the same orders.
 *
 * @param target where the file is sent, and how it is read and reported: all that makes a run another one
 */
export function rememberProgress(file: string, target: string): ProgressMemory {
  const path = `${file}.sending`;
  const { size, mtimeMs: modified } = statSync(file);
  return {
    sent: read(),
    save(sent) {
      try {
        writeFileSync(`${path}.new`, JSON.stringify({ target, size, modified, sent }));
        renameSync(`${path}.new`, path);
        return true;
      } catch {
        return false;
      }
    },
    forget() {
      try {
        rmSync(path, { force: true });
      } catch {
        // A later run does not go on where nothing is left: it only finds that all is sent.
      }
    },
  };

  function read(): Sent | null {
    try {
      const memory: unknown = JSON.parse(readFileSync(path, "utf8"));
      if (!Value.Check(Memory, memory)) return null;
      return memory.target === target && memory.size === size && memory.modified === modified ? memory.sent : null;
    } catch {
      return null;
    }
  }
}
