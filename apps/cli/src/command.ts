import type { ArgumentsCamelCase, Argv } from "yargs";
import { checkKey, environment } from "./environment.ts";
import { type ExitCode, exitCodes, Failure } from "./failure.ts";
import { explainInterruption } from "./guard-process.ts";
import { formats } from "./input/open-input.ts";
import { type Client, openClient } from "./open-client.ts";
import { log } from "./print.ts";

/** The options that every command has. */
type Common = { readonly url: string; readonly json: boolean };

export type Command = (argv: Argv<Common>) => Argv<Common>;

/** What a command does about an outage, and about a person who interrupts it. */
type Policy<Options> = {
  /** Whether it waits for a server that is down at its start; else it fails at once. */
  readonly waits?: boolean;
  /** → what became of the work, and how it goes on, for the person who presses Ctrl-C. */
  readonly interrupted?: (options: ArgumentsCamelCase<Options>) => string;
};

/**
 * Makes a command from its usage, its description, its options and its work.
 *
 * @param work returns the exit code of the process, `done` by default; a {@link Failure} that it throws is printed
 */
export function command<Options extends Common>(
  usage: string,
  description: string,
  options: (argv: Argv<Common>) => Argv<Options>,
  work: (options: ArgumentsCamelCase<Options>, client: Client) => Promise<ExitCode> | Promise<void>,
  { waits = false, interrupted }: Policy<NoInfer<Options>> = {},
): Command {
  const [, place] = /[<[](\w+)/.exec(usage) ?? [];
  // By itself yargs takes the "-" of standard input for an option, and the place for empty.
  const withPlaces = (argv: Argv<Common>) => (place === undefined ? options(argv) : options(argv).nargs(place, 1));
  return (argv) =>
    argv.command(usage, description, withPlaces, async (given) => {
      try {
        if (interrupted !== undefined) explainInterruption(interrupted(given));
        const client = openClient({ url: given.url, key: checkKey(environment.key), waits });
        process.exitCode = (await work(given, client)) ?? exitCodes.done;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        log(error.message);
        process.exitCode = error.exitCode;
      }
    });
}

export function commandGroup(name: string, description: string, commands: readonly Command[]): Command {
  return (argv) => argv.command(name, description, (group) => addCommands(group, commands).demandCommand(1));
}

export function addCommands(argv: Argv<Common>, commands: readonly Command[]): Argv<Common> {
  return commands.reduce((added, add) => add(added), argv);
}

export const FILE = {
  type: "string",
  demandOption: true,
  describe: "the file of orders; - is standard input",
} as const;
export const FORMAT = {
  choices: formats,
  requiresArg: true,
  describe: "what the file holds; by default what its name says",
} as const;
