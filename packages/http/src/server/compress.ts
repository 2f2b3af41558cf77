import { pipeline, type Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { negotiateEncoding } from "./negotiate.ts";

/**
 * → a stream that is sent compressed if the client takes that, else as it is. Each piece is flushed, so that it arrives
 * before the next one is there.
 *
 * `node:zlib` itself, not `@fastify/compress`: that adds 318 kB to a bundle, and does not flush. See docs/decisions/0014.
 */
export async function compress(reply: FastifyReply, content: Readable): Promise<Readable> {
  const vary = reply.getHeader("vary");
  reply.header("vary", vary === undefined ? "accept-encoding" : `${vary}, accept-encoding`);
  if (negotiateEncoding(reply.request.headers["accept-encoding"]) === "identity") return content;
  // At its first use, not at the start.
  const { constants, createGzip } = await import("node:zlib");
  reply.header("content-encoding", "gzip");
  // Rows are alike: the quickest level makes them a fifth too.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, flush: constants.Z_SYNC_FLUSH });
  // Either one's end is the other's; the server sees an error of this one as it would of the content.
  return pipeline(content, gzip, () => {});
}
