import type { FastifyReply } from "fastify";
import { leaseUntilAnswered } from "./limit-callers.ts";

/** A client that takes nothing for the grace is cut off, and one that reads text more slowly than this. */
export const READING_PACE = { graceMs: 30_000, leastBytesPerSecond: 16 * 1024 };
/** Sockets hold answers up to this anyway. */
const SMALL_ANSWER_BYTES = 16 * 1024;

function timeToRead({ length }: string): number {
  return READING_PACE.graceMs + (length / READING_PACE.leastBytesPerSecond) * 1_000;
}

/**
 * Takes memory for an answer that is sent as a whole until its client has read it, and cuts off a client that does not.
 *
 * @returns false if there is none; a small answer needs none
 */
export function awaitReader(reply: FastifyReply, text: string): boolean {
  if (text.length <= SMALL_ANSWER_BYTES) return true;
  if (!leaseUntilAnswered(reply, "memory").resize(text.length)) return false;
  const timer = setTimeout(() => reply.raw.destroy(), timeToRead(text));
  reply.raw.once("finish", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
  return true;
}

/** Passes texts on, and calls `cut` when one was taken and the next is not requested in time. */
export async function* cutSlow(texts: AsyncIterable<string>, cut: () => void): AsyncGenerator<string, void> {
  for await (const text of texts) {
    const timer = setTimeout(cut, timeToRead(text));
    try {
      yield text;
    } finally {
      clearTimeout(timer);
    }
  }
}
