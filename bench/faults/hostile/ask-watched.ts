import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import type { Watched } from "./watch-loop.ts";

export type Watch = {
  readonly ask: (options?: { readonly collect: boolean }) => Promise<Watched>;
  readonly close: () => void;
};

/** The old generation that V8 allows itself in a container of 512 MiB, which compose.yaml gives each app: half of it. */
const HEAP_MB = 256;

/** What a process has to be started with, so that {@link askWatched} can ask it. */
export function watchedEnvironment(folder: string): Record<string, string> {
  return {
    WATCH_FOLDER: folder,
    NODE_OPTIONS: `--expose-gc --max-old-space-size=${HEAP_MB} --import=${new URL("./watch-loop.ts", import.meta.url).href}`,
  };
}

/** Connects to a process that is watched. */
export async function askWatched(folder: string, pid: number): Promise<Watch> {
  const socket = connect(join(folder, `${pid}.sock`)).setEncoding("utf8");
  await once(socket, "connect");
  return {
    async ask({ collect } = { collect: false }) {
      const answered = once(socket, "data");
      socket.write(collect ? "collect\n" : "look\n");
      const [line] = await answered;
      return JSON.parse(line);
    },
    close: () => socket.destroy(),
  };
}
