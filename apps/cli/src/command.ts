import type { ArgumentsCamelCase, Argv } from "yargs";
import { environment } from "./environment.ts";
import { type ExitCode, exitCodes, Failure } from "./failure.ts";
import { formats } from "./input/open-input.ts";
import { type Client, openClient } from "./open-client.ts";
import { log } from "./print.ts";

/** The options that every command has. */
type Common = { readonly url: string; readonly json: boolean };

export type Command = (argv: Argv<Common>) => Argv<Common>;

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
): Command {
  return (argv) =>
    argv.command(usage, description, options, async (given) => {
      try {
        process.exitCode = (await work(given, openClient({ url: given.url, key: environment.key }))) ?? exitCodes.done;
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

export const ID = { type: "string", demandOption: true, coerce: readId } as const;
export const FILE = {
  type: "string",
  demandOption: true,
  describe: "the file of orders; - is standard input",
} as const;
export const FORMAT = { choices: formats, describe: "what the file holds; by default what its name says" } as const;

/** Ids have up to 16 digits; yargs' own numbers would take "1e3" and "0x1" as well, and NaN for the rest. */
export function readId(text: string): number {
  const id = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new Failure(exitCodes.usage, `${text} is no id: an integer from 1 to ${Number.MAX_SAFE_INTEGER}.`);
}
