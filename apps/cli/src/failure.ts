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
  /** The server answers in a way that this version does not understand, or refuses for another reason. */
  refused: 76,
  /** A key is missing, unknown, or lacks the scope. */
  noPermission: 77,
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
