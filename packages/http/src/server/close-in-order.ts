import type { ServerResponse } from "node:http";
import { Server } from "node:net";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** Aborted once the API is told to stop. */
    readonly stopping: AbortSignal;
  }
}

/** Whoever asks again on an open connection in this time is answered, and told that the connection closes. */
const LINGER_MS = 250;
/** Connections that are still busy after this are cut; a process has 10 s to end. */
const CUT_AFTER_MS = 8_000;

/**
 * Makes `app.close()` end in order: new connections are refused, waits and batches are told to stop, every answer from
 * then on carries `Connection: close`, what is in flight is finished, and nobody waits longer than 8 s for a slow client.
 *
 * No connection is taken any more before anybody is told to open a new one: those that wait to be taken when a socket
 * stops listening are reset by the kernel, which looks to their clients like an order that failed.
 *
 * Open sockets are not tracked: one more "close" listener on each made requests survive young garbage collections, which
 * then took a quarter of the time (Node 26.10).
 *
 * @param stop ends what waits
 */
export function closeInOrder(app: FastifyInstance, stop: () => void): void {
  const { server } = app;
  const stopping = new AbortController();
  app.decorate("stopping", { getter: () => stopping.signal });
  app.addHook("preClose", async () => {
    const wasListening = server.listening;
    // Not the HTTP server's own, which would also close the connections that rest for the moment.
    if (wasListening) Server.prototype.close.call(server);
    // Of requests that come from now on; those in flight are told when they are answered.
    server.prependListener("request", (_request, response: ServerResponse) =>
      response.setHeader("connection", "close"),
    );
    stopping.abort();
    stop();
    if (wasListening) await pause(LINGER_MS);
    // On a busy machine a timer comes before what arrived meanwhile: a connection whose request is unread is not idle.
    await nextTurn();
    setInterval(() => setImmediate(() => server.closeIdleConnections()), 100).unref();
    setTimeout(() => server.closeAllConnections(), CUT_AFTER_MS).unref();
  });
}

/** Says in an answer that its connection ends with it, where the API is told to stop. */
export function tellClosing(reply: FastifyReply): void {
  if (reply.server.stopping.aborted) reply.header("connection", "close");
}
