import type { Socket } from "node:net";

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
