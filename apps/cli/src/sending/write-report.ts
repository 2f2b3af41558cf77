import { appendFileSync, existsSync, rmSync } from "node:fs";
import type { Format } from "../input/open-input.ts";
import { csvColumns } from "../input/read-csv.ts";
import type { Unsendable } from "./gather-chunks.ts";

export type Report = {
  /** The rejected orders as they stood in the file: mended, it can be sent. */
  readonly rejectedFile: string;
  /** What is wrong with each: NDJSON, `{line, orderId, errors}`. */
  readonly errorsFile: string;
  readonly add: (rejected: readonly Unsendable[]) => void;
};

/**
 * Two files beside the one that is sent (or in the folder where the command runs): what was rejected, in the same format,
 * and why.
 *
 * @param goesOn whether an earlier run has begun them.
 */
export function openReport(name: string, format: Format, goesOn: boolean): Report {
  const ending = format === "csv" ? "csv" : "ndjson";
  const rejectedFile = `${name}.rejected.${ending}`;
  const errorsFile = `${name}.rejected.errors.ndjson`;
  if (!goesOn) for (const file of [rejectedFile, errorsFile]) rmSync(file, { force: true });
  return {
    rejectedFile,
    errorsFile,
    add(rejected) {
      if (rejected.length === 0) return;
      if (format === "csv" && !existsSync(rejectedFile)) appendFileSync(rejectedFile, `${csvColumns.join(",")}\n`);
      appendFileSync(rejectedFile, rejected.map(({ original }) => `${original}\n`).join(""));
      appendFileSync(
        errorsFile,
        rejected.map(({ line, orderId, errors }) => `${JSON.stringify({ line, orderId, errors })}\n`).join(""),
      );
    },
  };
}
