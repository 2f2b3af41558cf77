import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** Answers HEAD to what is streamed, whose length nobody knows before its end; Fastify would say 0 of nothing. */
export function answerHead(reply: FastifyReply): FastifyReply {
  return reply.send(Readable.from([]));
}
