import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { responseOn } from "./response-on.ts";

/** Whoever asks again on an open connection in this time is answered, and told that the connection closes. */
const LINGER_MS = 250;
/** Connections that are still busy after this are cut; a process has 10 s to end. */
const CUT_AFTER_MS = 8_000;

/**
 * Makes `app.close()` end in order: waits and batches are told to stop, every answer from then on carries
 * `Connection: close`, what is in flight is finished, and nobody waits longer than 8 s for a slow client.
 */
export function closeInOrder(app: FastifyInstance, stop: () => void): void {
  const { server } = app;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.addHook("preClose", async () => {
    server.prependListener("request", (_request, response: ServerResponse) =>
      response.setHeader("connection", "close"),
    );
    for (const socket of sockets) {
      const response = responseOn(socket);
      if (response !== undefined && !response.headersSent) response.setHeader("connection", "close");
    }
    stop();
    if (server.listening) await pause(LINGER_MS);
    setInterval(() => server.closeIdleConnections(), 100).unref();
    setTimeout(() => server.closeAllConnections(), CUT_AFTER_MS).unref();
  });
}
