import type { ServerResponse } from "node:http";
import { Server } from "node:net";
import { setImmediate as nextIteration, setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** Aborted once the API begins to shut down. */
    readonly stopping: AbortSignal;
  }
}

/** A client that sends another request on an open connection within this time gets an answer with `Connection: close`. */
const LINGER_MS = 250;
/** Connections that are still busy after this are cut; a process has 10 s to end. */
const CUT_AFTER_MS = 8_000;

/**
 * Makes `app.close()` shut down gracefully: new connections are refused, waits and batches are stopped, every later answer
 * has `Connection: close`, requests in flight are finished, and a slow client delays the end by 8 s at most.
 *
 * The socket stops listening before any client is asked to open a new connection: the kernel resets connections that wait
 * in the backlog of a socket that stops listening, which is an order that failed to their clients.
 *
 * Open sockets are not tracked: one more "close" listener on each made requests survive young garbage collections, which
 * then took a quarter of the time (Node 26.10).
 *
 * @param stop ends the waits
 */
export function shutDownGracefully(app: FastifyInstance, stop: () => void): void {
  const { server } = app;
  const stopping = new AbortController();
  app.decorate("stopping", { getter: () => stopping.signal });
  app.addHook("preClose", async () => {
    const wasListening = server.listening;
    // The HTTP server's own close() would also close connections that are idle just now.
    if (wasListening) Server.prototype.close.call(server);
    // This covers requests that come from now on; those in flight get the header with their answer.
    server.prependListener("request", (_request, response: ServerResponse) =>
      response.setHeader("connection", "close"),
    );
    stopping.abort();
    stop();
    if (wasListening) await pause(LINGER_MS);
    // On a busy machine the timer fires before the sockets are read, and a connection with an unread request looks idle.
    await nextIteration();
    setInterval(() => setImmediate(() => server.closeIdleConnections()), 100).unref();
    setTimeout(() => server.closeAllConnections(), CUT_AFTER_MS).unref();
  });
}

/** Adds `Connection: close` to an answer while the API shuts down. */
export function setConnectionClose(reply: FastifyReply): void {
  if (reply.server.stopping.aborted) reply.header("connection", "close");
}
