import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import type { Watched } from "./watch-loop.ts";

export type Watch = {
  readonly ask: (options?: { readonly collect: boolean }) => Promise<Watched>;
  readonly close: () => void;
};

/** What a process has to be started with, so that {@link askWatched} can ask it. */
export function watchedEnvironment(folder: string): Record<string, string> {
  return {
    WATCH_FOLDER: folder,
    NODE_OPTIONS: `--expose-gc --import=${new URL("./watch-loop.ts", import.meta.url).href}`,
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
