import { fork } from "node:child_process";
import { join } from "node:path";
import type { Load, LoadedWithCost, Report } from "./load/load.ts";

/** Orders of two items to the API's route of single posts, by ids that nobody has used. */
export function postTo(port: number, firstId: number) {
  return { url: `http://127.0.0.1:${port}/v1/orders`, firstId, itemCount: 2, headers: {} };
}

export type Watching = {
  /** Called ten times a second, of a saturating load. `measuring`: whether its warm-up is over. */
  readonly onProgress?: (accepted: number, measuring: boolean) => void;
};

/** Sends a load from a process of its own. @throws when more than one in a hundred of its requests failed */
export async function sendLoad(load: Load, { onProgress }: Watching = {}): Promise<LoadedWithCost> {
  const child = fork(join(import.meta.dirname, "load/main.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const onExit = () => child.kill("SIGKILL");
  process.once("exit", onExit);
  try {
    const loaded = await new Promise<LoadedWithCost>((resolve, reject) => {
      child.on("message", (report: Report) => {
        if (report.kind === "loaded") resolve(report.loaded);
        else onProgress?.(report.accepted, report.measuring);
      });
      child.once("error", reject);
      // Not its exit, which may be known before all that it has reported is read.
      child.once("disconnect", () => reject(new Error("the load ended without a result")));
      child.send(load);
    });
    if (loaded.failed > loaded.accepted / 100)
      throw new Error(`${loaded.failed} requests to ${load.url} failed, ${loaded.accepted} did not`);
    return loaded;
  } finally {
    process.off("exit", onExit);
  }
}
