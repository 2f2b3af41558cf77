import { runProgram } from "../harness/run-program.ts";

/** Runs a command to its end; → its standard output. @throws with the end of what it wrote when it fails */
export async function runCommand(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, output, errors } = await runProgram(command, args, { maxBuffer: Number.POSITIVE_INFINITY, cwd });
  if (code === 0) return output;
  throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${errors.slice(-8_000)}${output.slice(-8_000)}`);
}
