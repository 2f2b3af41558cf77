import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { promisify } from "node:util";
import type { FastifyReply, FastifyRequest } from "fastify";
import { tellClosing } from "../server/close-in-order.ts";
import { negotiateEncoding } from "../server/negotiate.ts";

export type Headers = Readonly<Record<string, string>>;
/** Answers with what a page is made of. */
export type AnswerFile = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

type Kind = { readonly type: string; readonly isCompressed?: true };

const KINDS: Readonly<Record<string, Kind>> = {
  ".html": { type: "text/html; charset=utf-8" },
  ".js": { type: "text/javascript; charset=utf-8" },
  ".css": { type: "text/css; charset=utf-8" },
  ".json": { type: "application/json; charset=utf-8" },
  ".svg": { type: "image/svg+xml" },
  ".md": { type: "text/plain; charset=utf-8" },
  ".png": { type: "image/png", isCompressed: true },
  ".woff2": { type: "font/woff2", isCompressed: true },
};
const UNKNOWN: Kind = { type: "application/octet-stream" };

/** Answers with a file from memory, where it is from when it is asked for first. */
export function answerFile(file: string, headers: Headers): AnswerFile {
  return answerContent(extname(file), () => readFileSync(file), headers);
}

/** @param extension tells the content's type, as in a file's name */
export function answerContent(extension: string, read: () => Buffer | Promise<Buffer>, headers: Headers): AnswerFile {
  const { type, isCompressed } = KINDS[extension] ?? UNKNOWN;
  let known: { readonly content: Buffer; readonly etag: string } | undefined;
  let small: Promise<Buffer> | undefined;
  return async (request, reply) => {
    known ??= withTag(await read());
    const { content, etag } = known;
    tellClosing(reply);
    reply.headers({ ...headers, etag, vary: "accept-encoding" });
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    reply.type(type);
    if (isCompressed || negotiateEncoding(request.headers["accept-encoding"]) === "identity")
      return reply.send(content);
    small ??= compress(content);
    return reply.header("content-encoding", "gzip").send(await small);
  };
}

function withTag(content: Buffer) {
  return { content, etag: `W/"${hash("sha256", content).slice(0, 20)}"` };
}

/** zlib is loaded when it is needed first, not at the start. */
async function compress(content: Buffer): Promise<Buffer> {
  const { gzip } = await import("node:zlib");
  return promisify(gzip)(content);
}
