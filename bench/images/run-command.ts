import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

export type CommandOptions = {
  readonly cwd?: string;
  /** A file that takes what the command says on standard error, or on both when `quiet`. */
  readonly logFile?: string;
};

/** Runs a command to its end; → its standard output. @throws with the end of its standard error when it fails */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, logFile }: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: "a" });
  let output = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    log?.write(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-8_000);
    log?.write(text);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      log?.end();
      if (code === 0) resolve(output);
      else
        reject(new Error(`${command} ${args.join(" ")}: ${signal ?? `exit ${code}`}\n${said}${output.slice(-8_000)}`));
    });
  });
}
