import { appendFileSync, existsSync, rmSync } from "node:fs";
import type { Format } from "../input/open-input.ts";
import { csvColumns } from "../input/read-csv.ts";
import type { Unsendable } from "./gather-chunks.ts";

export type Report = {
  /** Holds the rejected orders as the file had them: once they are fixed, it can be sent. */
  readonly rejectedFile: string;
  /** Holds the faults of each: NDJSON, `{line, orderId, errors}`. */
  readonly errorsFile: string;
  readonly add: (rejected: readonly Unsendable[]) => void;
};

/**
 * Opens two files beside the one that is sent (or in the current folder): the rejected orders in the same format, and their
 * faults.
 *
 * @param goesOn whether an earlier run has begun them
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
        rejected.map(({ line, orderId, faults }) => `${JSON.stringify({ line, orderId, errors: faults })}\n`).join(""),
      );
    },
  };
}
