import { exitCodes, reasonOf } from "./failure.ts";
import { isReaderGone, log } from "./print.ts";

/** Ends the process without a stack trace where its results can't be written, or an error is caught by nobody. */
export function guardProcess(): void {
  process.stdout.on("error", (error) => {
    if (isReaderGone(error)) process.exit(exitCodes.readerGone);
    log(`The results cannot be written to standard output (${reasonOf(error)}).`);
    process.exit(exitCodes.cannotWrite);
  });
  // The work goes on even if nobody reads the messages about it.
  process.stderr.on("error", () => {});
  process.on("uncaughtException", (error) => {
    log(`This is a bug of pedidos: ${error}. Please report it, with your command and what --version prints.`);
    process.exit(exitCodes.bug);
  });
}

const INTERRUPTIONS = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;

/** Has Ctrl-C and SIGTERM end the process with a text for the person: what became of the work, and how it goes on. */
export function explainInterruption(text: string): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      log(`\nInterrupted. ${text}`);
      process.exit(INTERRUPTIONS[signal]);
    });
}
