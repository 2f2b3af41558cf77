import { getEventListeners } from "node:events";
import { Socket } from "node:net";
import type { ChannelModel } from "amqplib";

/** How long the broker has to close its side. */
const CLOSE_LIMIT_MS = 1_000;

/** The socket under a connection: amqplib keeps it at `connection.stream`, which its types leave out. */
export function socketOf(model: ChannelModel): Socket {
  const stream: unknown = Reflect.get(model.connection, "stream");
  if (!(stream instanceof Socket)) throw new Error("amqplib does not keep its socket at connection.stream any more");
  return stream;
}

/**
 * Gathers what amqplib writes to a socket in one turn of the event loop into one system call; on its own it makes one for
 * each message and acknowledgement.
 *
 * @returns a function to call *after* each publish or acknowledgement. amqplib moves a channel's frames to the socket in a
 * `setImmediate` that it asks for in a `nextTick` after the write, so the uncorking is asked for one step later.
 */
export function corkWrites(socket: Socket): () => void {
  let corked = false;
  const uncork = () => {
    corked = false;
    socket.uncork();
  };
  const uncorkAfterWriting = () => setImmediate(uncork);
  return () => {
    if (corked) return;
    corked = true;
    socket.cork();
    process.nextTick(uncorkAfterWriting);
  };
}

/**
 * Destroys a socket with a TCP reset, so that what it still holds is never delivered, and notifies amqplib, which listens
 * for errors but not for the end of a destroyed socket. TLS has no reset: there it is closed, its last bytes may arrive.
 */
export function resetSocket(socket: Socket, reason: Error): void {
  if (socket.destroyed) return;
  if ("encrypted" in socket) {
    socket.destroy(reason);
    return;
  }
  socket.resetAndDestroy();
  socket.emit("error", reason);
}

/** amqplib only half-closes a socket whose peer has gone silent: the rest of it would stay, and be sent on a thaw. */
export function resetUnlessClosed(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => resetSocket(socket, new Error("the broker did not close its side")), CLOSE_LIMIT_MS);
  timer.unref();
  socket.unref();
  socket.once("close", () => clearTimeout(timer));
}

/** Node never takes a closed socket's listener off the signal it was made with: one would stay for each attempt. */
export function forgetSockets(signal: AbortSignal): void {
  for (const listener of getEventListeners(signal, "abort"))
    Reflect.apply(signal.removeEventListener, signal, ["abort", listener]);
}
