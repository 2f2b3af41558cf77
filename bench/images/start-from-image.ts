import { join } from "node:path";
import { leaveNothing, type OwnProcess, startOwnProcess } from "@pedidos/testing";
import { expect } from "vitest";
import { awaitReady } from "../harness/await-ready.ts";
import type { OpenedImage } from "./run-container.ts";

/** An app's image, and what it is started with. */
export type ImageApp = {
  readonly opened: OpenedImage;
  readonly env: Readonly<Record<string, string>>;
  /** Where it answers `/health/ready`. */
  readonly port: number;
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

const POLL_MS = 10;

export function startFromImage({ opened, env, port, volumes }: ImageApp): Promise<Started> {
  return start(() => opened.run({ env, volumes }), port);
}

/** The bundle outside its image, as this machine's user, with the same settings. */
function startBare({ opened, env, port, volumes }: ImageApp): Promise<Started> {
  const outside = (value: string) =>
    Object.entries(volumes).reduce((text, [inside, folder]) => text.replace(inside, folder), value);
  const bareEnv = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, outside(value)]));
  const main = join(opened.files, "app/main.js");
  return start(() => startOwnProcess(process.execPath, [main], bareEnv, leaveNothing("pedidos-bare-")), port);
}

/** The best of three each, alternately, and of a few more if the ratio is bad, as the machine may be busy otherwise. */
export async function timeStarts(app: ImageApp): Promise<{ imageMs: number; bareMs: number }> {
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

async function start(run: () => Promise<OwnProcess>, port: number): Promise<Started> {
  const startedAt = performance.now();
  const app = await run();
  await awaitReady({ name: "the image's app", port, ...app }, POLL_MS);
  const readyMs = performance.now() - startedAt;
  return {
    base: `http://127.0.0.1:${port}`,
    readyMs,
    async stop() {
      app.signal("SIGTERM");
      await finish(app);
    },
  };
}

/** Waits for its end, which has to be a good one. */
export async function finish(process: OwnProcess): Promise<void> {
  const { code, signal } = await process.exit;
  expect(signal ?? code, `it ended with ${signal ?? code}:\n${process.output()}`).toBe(0);
}
