/** The exit codes of the process, for scripts. From 64 they are those of sysexits.h. */
export const exitCodes = {
  done: 0,
  /** The command did its work and found something: rejected lines, differences, findings. */
  found: 1,
  usage: 64,
  /** The input cannot be read. */
  noInput: 66,
  /** The server, or what it depends on, does not answer: retry later. */
  unavailable: 69,
  /** An error that nobody foresaw: a bug of this program. */
  bug: 70,
  /** An output file cannot be created or written. */
  cannotWrite: 73,
  /** The server answers in a way that this version does not understand, or refuses for another reason. */
  refused: 76,
  /** A key is missing, unknown, or lacks the scope. */
  noPermission: 77,
  /** As a shell reports a program that SIGINT, SIGPIPE (the reader of the results has gone) or SIGTERM ended. */
  interrupted: 130,
  readerGone: 141,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with an exit code and a message for a person, without a stack. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** → the code of a system's error, like `ENOENT`, which `fetch` gives as its cause; of any other its message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return "code" in error ? String(error.code) : error.message;
}
