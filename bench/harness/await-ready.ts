import { setTimeout as wait } from "node:timers/promises";

type Starting = {
  readonly name: string;
  /** Where it answers `/health/ready`. */
  readonly port: number;
  readonly hasEnded: () => boolean;
  readonly output: () => string;
};

const READY_LIMIT_MS = 30_000;

/** Waits until a process says that it is ready. @throws with its output when it ends instead, or after 30 s */
export async function awaitReady({ name, port, hasEnded, output }: Starting, pollMs = 100): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    const body = await answer?.text().catch(() => undefined);
    if (answer?.status === 200 && body?.includes('"ready"')) return;
    if (hasEnded()) throw new Error(`${name} ended instead of getting ready:\n${output()}`);
    if (Date.now() > deadline) throw new Error(`${name} is not ready after ${READY_LIMIT_MS} ms: ${body}\n${output()}`);
    await wait(pollMs);
  }
}
