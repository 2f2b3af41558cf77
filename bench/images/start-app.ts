import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type Container, type OpenedImage, runBare } from "./run-container.ts";

/** An app's image, and what it is told. */
export type App = {
  readonly opened: OpenedImage;
  readonly env: Readonly<Record<string, string>>;
  /** Where it answers `/health/ready`. */
  readonly port: string;
  /** Folders of this machine by where they are mounted. */
  readonly volumes: Readonly<Record<string, string>>;
};

/** A process that is ready. */
export type Started = {
  readonly base: string;
  /** From its start until it was ready. */
  readonly readyMs: number;
  /** SIGTERM; it has to end with 0. */
  readonly stop: () => Promise<void>;
};

export function startFromImage({ opened, env, port, volumes }: App): Promise<Started> {
  return start(() => opened.run({ env, volumes }), port);
}

/** The bundle outside its image, as this machine's user, told the same. */
function startBare({ opened, env, port, volumes }: App): Promise<Started> {
  const outside = (value: string) =>
    Object.entries(volumes).reduce((text, [inside, folder]) => text.replace(inside, folder), value);
  const bareEnv = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, outside(value)]));
  return start(() => runBare(join(opened.files, "app/main.js"), bareEnv), port);
}

/** The best of three each, in turn, and of a few more where it looks bad, as the machine may be busy with something else. */
export async function timeStarts(app: App): Promise<{ imageMs: number; bareMs: number }> {
  let [imageMs, bareMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 3 || (round < 8 && imageMs >= 2 * bareMs); round++) {
    const image = await startFromImage(app);
    await image.stop();
    const bare = await startBare(app);
    await bare.stop();
    imageMs = Math.min(imageMs, image.readyMs);
    bareMs = Math.min(bareMs, bare.readyMs);
  }
  return { imageMs, bareMs };
}

async function start(run: () => Promise<Container>, port: string): Promise<Started> {
  const base = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const container = await run();
  await untilReady(base, container);
  const readyMs = performance.now() - startedAt;
  return {
    base,
    readyMs,
    async stop() {
      container.signal("SIGTERM");
      await finish(container);
    },
  };
}

async function untilReady(base: string, container: Container): Promise<void> {
  const ended = container.ended.then((how) => {
    throw new Error(`it ended (${how}) instead of getting ready:\n${container.output()}`);
  });
  const ready = async () => {
    for (let attempt = 0; attempt < 3_000; attempt++) {
      const answer = await fetch(`${base}/health/ready`).catch(() => undefined);
      if (answer?.status === 200 && (await answer.text()).includes('"ready"')) return;
      await sleep(10);
    }
    throw new Error(`it did not get ready in time:\n${container.output()}`);
  };
  await Promise.race([ready(), ended]);
}

/** Waits for its end, which has to be a good one. */
export async function finish(container: Container): Promise<void> {
  const how = await container.ended;
  expect(how, `it ended with ${how}:\n${container.output()}`).toBe(0);
}
