// Ours, not `@fastify/static`: that adds 220 kB to a bundle and 21 ms to each start, and its ETag is made of a file's size
// and time, which two builds may share. See docs/decisions/0014.
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { promisify } from "node:util";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refusal, refuse } from "../server/answer.ts";
import { negotiateEncoding } from "../server/negotiate.ts";
import type { Observe } from "../server/observe-requests.ts";
import { setConnectionClose } from "../server/shut-down-gracefully.ts";

type Headers = Readonly<Record<string, string>>;
export type AnswerFile = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Serves what is answered at each URL. */
export function serveFiles(app: FastifyInstance, observe: Observe, files: Readonly<Record<string, AnswerFile>>): void {
  // A plugin of its own, so that these routes come after the rate limit.
  app.register(async (pages) => {
    for (const [url, handler] of Object.entries(files))
      pages.route({
        method: "GET",
        url,
        config: { bucket: "page" },
        onResponse(request, reply, done) {
          observe(request, reply);
          done();
        },
        handler,
      });
  });
}

const NOT_FOUND = refusal("not_found", "There is nothing at this path.");

/**
 * Answers with the file that the last part of the path names. The name is looked up and never joined to a path, so it leads
 * nowhere else.
 *
 * @param open lists the files by name; called once, at the first request
 */
export function answerFolder(open: () => ReadonlyMap<string, AnswerFile>): AnswerFile {
  let files: ReadonlyMap<string, AnswerFile> | undefined;
  return async (request, reply) => {
    files ??= open();
    const [path = ""] = request.url.split("?", 1);
    const answer = files.get(path.slice(path.lastIndexOf("/") + 1));
    return answer === undefined ? refuse(reply, NOT_FOUND) : await answer(request, reply);
  };
}

/** Answers with a file, which is read at the first request and kept in memory. */
export function answerFile(file: string, headers: Headers): AnswerFile {
  return answerContent(extname(file), () => readFileSync(file), headers);
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".md": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".woff2": "font/woff2",
};
const COMPRESSED = [".png", ".woff2"];

/** @param extension of a file's name, with the dot, which decides the type of the content */
export function answerContent(
  extension: string,
  read: () => Buffer | string | Promise<string>,
  headers: Headers,
): AnswerFile {
  const isCompressed = COMPRESSED.includes(extension);
  let known: { readonly content: Buffer; readonly etag: string } | undefined;
  let zipped: Promise<Buffer> | undefined;
  return async (request, reply) => {
    known ??= withTag(Buffer.from(await read()));
    const { content, etag } = known;
    setConnectionClose(reply);
    reply.headers({ ...headers, etag, vary: "accept-encoding, origin" });
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    reply.type(TYPES[extension] ?? "application/octet-stream");
    if (isCompressed || negotiateEncoding(request.headers["accept-encoding"]) === "identity")
      return reply.send(content);
    zipped ??= zip(content);
    return reply.header("content-encoding", "gzip").send(await zipped);
  };
}

function withTag(content: Buffer) {
  return { content, etag: `W/"${hash("sha256", content).slice(0, 20)}"` };
}

/** Loads zlib at its first use, not at the start. */
async function zip(content: Buffer): Promise<Buffer> {
  const { gzip } = await import("node:zlib");
  return promisify(gzip)(content);
}

/** Headers of pages and of their files. */
export const COMMON: Headers = { "referrer-policy": "no-referrer" };

/** Allows nothing inline and nothing from other hosts, and forbids frames. */
const POLICY: Headers = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "font-src": "'self'",
  "img-src": "'self'",
  "connect-src": "'self'",
  "form-action": "'self'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
};

/**
 * → the headers of a page, which browsers revalidate each time.
 *
 * @param policy directives of its Content-Security-Policy, which add to those of all pages or replace them
 */
export function headersOfPage(policy: Headers): Headers {
  const directives = Object.entries({ ...POLICY, ...policy }).map((directive) => directive.join(" "));
  return {
    ...COMMON,
    "cache-control": "no-cache",
    "content-security-policy": directives.join("; "),
    "cross-origin-opener-policy": "same-origin",
  };
}
