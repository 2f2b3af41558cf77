import { type ExecFileOptions, execFile } from "node:child_process";

export type Ran = {
  /** Its exit code; -1 if a signal ended it. */
  readonly code: number;
  readonly output: string;
  /** What it wrote to standard error. */
  readonly errors: string;
};

/** Runs a program to its end. */
export function runProgram(file: string, args: readonly string[], options: ExecFileOptions): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, args, { ...options, encoding: "utf8" }, (error, output, errors) =>
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, output, errors }),
    );
  });
}
