import { appendFileSync, mkdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import Type, { type Static } from "typebox";
import { reasonOf } from "../failure.ts";
import { encode, markOf } from "../input/decode.ts";
import type { Input } from "../input/open-input.ts";
import { log } from "../print.ts";
import type { Unsendable } from "./gather-chunks.ts";

/** How many bytes of each file of a report are written. */
export const ReportSizes = Type.Object({ rejected: Type.Integer(), errors: Type.Integer() });
export type ReportSizes = Static<typeof ReportSizes>;

export type ReportFiles = {
  /** Holds the rejected orders as the file has them: once they are fixed, it can be sent. */
  readonly rejectedFile: string;
  /** Holds the faults of each: NDJSON, `{line, orderId, errors}`. */
  readonly errorsFile: string;
};

export type Report = {
  readonly add: (rejected: readonly Unsendable[]) => void;
  readonly sizes: () => ReportSizes;
  /** → the files that hold something. An earlier report under the same name is gone then. */
  readonly finish: () => Partial<ReportFiles>;
};

type ReportedInput = Pick<Input, "file" | "encoding"> & { readonly head: () => Buffer };

export function reportFiles(base: string, { format }: Pick<Input, "format">): ReportFiles {
  const ending = format === "csv" ? "csv" : "ndjson";
  return { rejectedFile: `${base}.rejected.${ending}`, errorsFile: `${base}.rejected.errors.ndjson` };
}

/** Whether files hold at least what an earlier run has written. */
export function holdsReport({ rejectedFile, errorsFile }: ReportFiles, sizes: ReportSizes): boolean {
  return sizeOf(rejectedFile) >= sizes.rejected && sizeOf(errorsFile) >= sizes.errors;
}

/**
 * Writes the rejected orders, in the format and encoding of their file, and their faults. Where that can't be written, the faults
 * go to standard error. Nothing is touched before the first orders of the file are done.
 *
 * @param before what an unfinished run has written and remembered; what it wrote after that is cut off. Null: begin again
 */
export function openReport(files: ReportFiles, input: ReportedInput, before: ReportSizes | null): Report {
  const { rejectedFile, errorsFile } = files;
  const sizes = { rejected: before?.rejected ?? 0, errors: before?.errors ?? 0 };
  let [isBegun, isWritable] = [false, true];

  function attempt(write: () => void): void {
    if (!isWritable) return;
    try {
      write();
    } catch (error) {
      isWritable = false;
      log(
        `The report ${rejectedFile} can't be written (${reasonOf(error)}): the faults follow here. --report names another place.`,
      );
    }
  }

  function begin(): void {
    if (isBegun) return;
    isBegun = true;
    attempt(() => {
      startAt(rejectedFile, sizes.rejected);
      startAt(errorsFile, sizes.errors);
    });
  }

  function append(rejected: readonly Unsendable[]): void {
    const faults = Buffer.from(rejected.map((one) => `${JSON.stringify(faultsOf(one))}\n`).join(""));
    const texts = rejected.flatMap(({ original }) => (original === null ? [] : [original, LINE_END]));
    const lines = encode(Buffer.concat(texts), input.encoding);
    const head = [markOf(input.encoding), encode(input.head(), input.encoding)];
    const bytes = lines.length === 0 ? lines : Buffer.concat([...(sizes.rejected === 0 ? head : []), lines]);
    mkdirSync(dirname(rejectedFile), { recursive: true });
    if (bytes.length > 0) appendFileSync(rejectedFile, bytes);
    sizes.rejected += bytes.length;
    appendFileSync(errorsFile, faults);
    sizes.errors += faults.length;
  }

  return {
    add(rejected) {
      begin();
      if (rejected.length === 0) return;
      attempt(() => append(rejected));
      if (!isWritable) for (const one of rejected) log(describe(one, input.file === null));
    },
    sizes: () => ({ ...sizes }),
    finish() {
      begin();
      if (!isWritable || sizes.errors === 0) return {};
      return sizes.rejected === 0 ? { errorsFile } : { rejectedFile, errorsFile };
    },
  };
}

const LINE_END = Buffer.from("\n");

const faultsOf = ({ line, orderId, faults }: Unsendable) => ({ line, orderId, errors: faults });

/** @param isGone whether the order can't be found elsewhere: it came by a pipe */
function describe({ line, orderId, faults, original }: Unsendable, isGone: boolean): string {
  const texts = faults.map(({ pointer, detail }) => `${pointer} ${detail}`.trim());
  const id = orderId === null ? "" : ` (order ${orderId})`;
  return `line ${line}${id}: ${texts.join("; ")}${isGone && original !== null ? `\n${original.toString("utf8")}` : ""}`;
}

/** Cuts a file off at a size, or removes it at 0. */
function startAt(file: string, size: number): void {
  if (size === 0) rmSync(file, { force: true });
  else truncateSync(file, size);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
