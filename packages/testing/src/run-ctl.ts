import { spawn } from "node:child_process";

/** How to reach a broker's `rabbitmqctl`; plain data, so that a test worker can be handed it. */
export type CtlRecipe = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** A call of `rabbitmqctl` may take long on a machine that is busy with tests. */
const LIMIT_MS = 60_000;

/** Runs `rabbitmqctl` on that broker and resolves with what it printed; rejects when it fails. */
export function runCtl(recipe: CtlRecipe, args: readonly string[]): Promise<string> {
  const child = spawn(recipe.command, [...recipe.args, ...args], {
    env: { ...process.env, ...recipe.env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
  });
  let output = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`rabbitmqctl ${args.join(" ")}: ${signal ?? `exit ${code}`}: ${complaint || output}`));
    });
  });
}
