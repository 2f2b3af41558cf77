import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { leaveNothing } from "@pedidos/testing";
import { startAll } from "../../harness/start-system.ts";
import { type FaultSystem, startFaultSystem } from "../start-fault-system.ts";
import type { Watched } from "./watch-loop.ts";

/** Asks a process what its event loop and its memory do. */
export type Watch = {
  readonly ask: (options?: { readonly collect: boolean }) => Promise<Watched>;
  readonly close: () => void;
};

export type WatchedSystem = Pick<FaultSystem, "apps" | "amqpUrl" | "databaseUrl" | "badEnds" | "remove"> & {
  /** On the first API and the first consumer, which alone are started. */
  readonly watches: Readonly<Record<"api" | "consumer", Watch>>;
};

/** The old generation that V8 allows itself in a container of 512 MiB, which compose.yaml gives each app: half of it. */
const HEAP_MB = 256;

/** Starts the built API and consumer on servers of their own, each with `watch-loop.ts` in it. */
export async function startWatched(): Promise<WatchedSystem> {
  const { folder, remove } = leaveNothing("pedidos-watch-");
  const watching = `--import=${new URL("./watch-loop.ts", import.meta.url).href}`;
  const system = await startFaultSystem({
    start: false,
    env: { WATCH_FOLDER: folder, NODE_OPTIONS: `--expose-gc --max-old-space-size=${HEAP_MB} ${watching}` },
  });
  const { api1, consumer1 } = system.apps;
  await startAll([api1, consumer1]);
  const watches = { api: await openWatch(folder, api1.pid()), consumer: await openWatch(folder, consumer1.pid()) };
  return {
    ...system,
    watches,
    async remove() {
      for (const watch of Object.values(watches)) watch.close();
      await system.remove();
      remove();
    },
  };
}

async function openWatch(folder: string, pid: number | undefined): Promise<Watch> {
  const socket = connect(join(folder, `${pid}.sock`)).setEncoding("utf8");
  await once(socket, "connect");
  return {
    async ask({ collect } = { collect: false }) {
      const answered = once(socket, "data");
      socket.write(collect ? "collect\n" : "sample\n");
      const [line] = await answered;
      return JSON.parse(line);
    },
    close: () => socket.destroy(),
  };
}
