import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/**
 * For tests: a way to a broker on a port of its own. What the broker writes arrives as it is.
 *
 * @param passOn passes on what a client writes
 */
export async function relayTo(
  url: string,
  passOn: (client: Socket, broker: Socket) => void,
): Promise<{ readonly url: string; readonly cut: () => void; readonly close: () => Promise<void> }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, highWaterMark: 16 * 1024 }, (client) => {
    const broker = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    broker.pipe(client);
    passOn(client, broker);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  const through = new URL(url);
  through.port = String(address.port);
  /** Ends every connection; others may follow. */
  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }
  return {
    url: through.href,
    cut,
    async close() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
