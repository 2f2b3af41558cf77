import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can be made bad. */
export type Relay = {
  readonly port: number;
  /** Resets every connection that is open now; bytes in flight are lost. */
  readonly cut: () => void;
  /** From now on every piece takes this much longer in either direction; 0 ends it. */
  readonly delay: (milliseconds: number) => void;
  /** Nothing moves any more, though connections stay open and are accepted; until `flow`. */
  readonly stall: () => void;
  readonly flow: () => void;
  readonly close: () => Promise<void>;
};

type Direction = { readonly from: Socket; readonly to: Socket; dueAt: number };

/** Listens on a free port of 127.0.0.1 and passes connections on to a port there. */
export async function openRelay(targetPort: number): Promise<Relay> {
  const directions = new Set<Direction>();
  let delayMs = 0;
  let stalled = false;

  function forward(from: Socket, to: Socket): void {
    const direction = { from, to, dueAt: 0 };
    directions.add(direction);
    const later = (act: () => void) => {
      const now = performance.now();
      // Never before what came earlier.
      direction.dueAt = Math.max(now + delayMs, direction.dueAt);
      if (direction.dueAt <= now) act();
      else setTimeout(act, direction.dueAt - now);
    };
    from.on("data", (piece) => {
      later(() => {
        if (to.destroyed || to.write(piece)) return;
        from.pause();
        to.once("drain", () => {
          if (!stalled) from.resume();
        });
      });
    });
    from.on("end", () => later(() => to.end()));
    from.on("error", () => {});
    from.on("close", (hadError) => {
      directions.delete(direction);
      if (hadError) reset(to);
      else later(() => to.destroy());
    });
    if (stalled) from.pause();
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    const upstream = connect({ host: "127.0.0.1", port: targetPort, allowHalfOpen: true, noDelay: true });
    forward(client, upstream);
    forward(upstream, client);
    if (!stalled) client.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");

  const cut = () => {
    for (const { from } of [...directions]) reset(from);
  };
  return {
    port: address.port,
    cut,
    delay(milliseconds) {
      delayMs = milliseconds;
    },
    stall() {
      stalled = true;
      for (const { from } of directions) from.pause();
    },
    flow() {
      stalled = false;
      for (const { from } of directions) from.resume();
    },
    async close() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}

/** A socket in the middle of its shutdown can't be reset: libuv refuses, and Node then leaves it open for good. */
function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
