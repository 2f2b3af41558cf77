/** What the process ends with, so that scripts can tell. Beyond 2 they are those of sysexits.h. */
export const exitCodes = {
  done: 0,
  /** All went as it should, and something was found: rejected lines, differences. */
  found: 1,
  usage: 64,
  /** The input cannot be read. */
  noInput: 66,
  /** The server, or what it rests on, does not answer: running it again later helps. */
  unavailable: 69,
  /** The server has answered with something that this version does not understand, or refuses for another reason. */
  refused: 76,
  /** A key is missing, unknown, or lacks the scope. */
  noPermission: 77,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a message for a person, without a stack. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
