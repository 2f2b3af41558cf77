import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

/** Whoever asks again on an open connection in this time is answered, and told that the connection closes. */
const LINGER_MS = 250;
/** Connections that are still busy after this are cut; a process has 10 s to end. */
const CUT_AFTER_MS = 8_000;

/**
 * Makes `app.close()` end in order: waits and batches are told to stop, every answer from then on carries
 * `Connection: close`, what is in flight is finished, and nobody waits longer than 8 s for a slow client.
 */
export function closeInOrder(app: FastifyInstance, stop: () => void): void {
  const answering = new Set<ServerResponse>();
  let isStopping = false;
  app.server.prependListener("request", (_request, response: ServerResponse) => {
    if (isStopping) response.setHeader("connection", "close");
    else answering.add(response);
    response.once("close", () => answering.delete(response));
  });
  app.addHook("preClose", async () => {
    isStopping = true;
    for (const response of answering) if (!response.headersSent) response.setHeader("connection", "close");
    stop();
    if (app.server.listening) await pause(LINGER_MS);
    setInterval(() => app.server.closeIdleConnections(), 100).unref();
    setTimeout(() => app.server.closeAllConnections(), CUT_AFTER_MS).unref();
  });
}
