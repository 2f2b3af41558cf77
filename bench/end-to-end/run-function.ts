import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { REPOSITORY } from "../harness/bundles.ts";

/** A bundle's `lambda.js` in a process of its own, as the host of functions runs it: one event at a time. */
export type RunningFunction = {
  /** → what the handler answered. Throws what it threw. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
  readonly kill: () => void;
};

/** Imports the handler before it takes the first event; its answers come back on a stream of their own. */
const HOST = `
  import { createWriteStream } from "node:fs";
  import { createInterface } from "node:readline";
  const { handler } = await import(process.argv[1]);
  const answers = createWriteStream("", { fd: 3 });
  for await (const line of createInterface({ input: process.stdin })) {
    const outcome = await handler(JSON.parse(line), { getRemainingTimeInMillis: () => 60_000 }).then(
      (answer) => ({ answer }),
      (error) => ({ error: error.message }),
    );
    answers.write(JSON.stringify(outcome) + "\\n");
  }`;

export function runFunction(app: "api" | "consumer", env: Readonly<Record<string, string>>): RunningFunction {
  const bundle = join(REPOSITORY, "apps", app, "dist/lambda.js");
  const child = spawn(process.execPath, ["--input-type=module", "--eval", HOST, bundle], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const { stdin, stdout, stderr } = child;
  const answers = child.stdio[3];
  if (!stdin || !stdout || !stderr || !answers || !("read" in answers)) throw new Error("the function has no streams");
  let output = "";
  for (const stream of [stdout, stderr])
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk).slice(-20_000);
    });
  const lines = createInterface({ input: answers })[Symbol.asyncIterator]();
  const onExit = () => child.kill("SIGKILL");
  process.once("exit", onExit);
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    process.off("exit", onExit);
    return code ?? null;
  });
  return {
    async invoke(event) {
      stdin.write(`${JSON.stringify(event)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`the function has ended: ${output}`);
      const outcome = JSON.parse(value);
      if ("error" in outcome) throw new Error(outcome.error);
      return outcome.answer;
    },
    ended,
    output: () => output,
    kill: () => child.kill("SIGKILL"),
  };
}
