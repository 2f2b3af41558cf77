import { hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refuseWithProblem } from "../http/answer.ts";
import { tellClosing } from "../http/close-in-order.ts";
import { negotiateEncoding } from "../http/negotiate.ts";
import type { Observe } from "../http/observe-requests.ts";
import { refusal } from "../http/problem.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".md": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/** Nothing inline, nothing from elsewhere, shown in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const COMMON = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };
const OF_PAGE = {
  ...COMMON,
  "cache-control": "no-cache",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
};
/** Their names change with their content. */
const OF_FILE = {
  ...COMMON,
  "cache-control": "public, max-age=31536000, immutable",
  "cross-origin-resource-policy": "same-origin",
};

const compress = promisify(gzip);

/** `GET /`: the page, and its files under `/page/`, from memory. */
export function servePage(
  app: FastifyInstance,
  observe: (route: string) => Observe,
  directory: string | undefined = pageDirectory(),
): void {
  app.register(async (page) => {
    page.addHook("onRequest", (request, reply, done) => {
      reply.header("x-request-id", request.id);
      done();
    });
    const serve = (url: string, route: string, handler: (request: FastifyRequest, reply: FastifyReply) => unknown) => {
      const tell = observe(route);
      page.route({
        method: "GET",
        url,
        schema: { hide: true },
        handler,
        onResponse(request, reply, done) {
          tell(request, reply);
          done();
        },
      });
    };
    if (directory === undefined) return serve("/", "/", (_request, reply) => refuseWithProblem(reply, NOT_BUILT));
    serve("/", "/", answerFile(join(directory, "index.html"), OF_PAGE));
    const files = join(directory, "page");
    for (const name of readdirSync(files)) serve(`/page/${name}`, "/page/*", answerFile(join(files, name), OF_FILE));
  });
}

const NOT_BUILT = refusal(
  "not_found",
  "The page is not built here. Build it with: npx -y pnpm@12 build. The API is all there; /docs describes it.",
);

function answerFile(file: string, headers: Readonly<Record<string, string>>) {
  const content = readFileSync(file);
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  const etag = `W/"${hash("sha256", content).slice(0, 20)}"`;
  // A font is compressed already.
  const isText = !type.startsWith("font/");
  let small: Promise<Buffer> | undefined;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    tellClosing(reply);
    reply.headers({ ...headers, etag, vary: "accept-encoding" });
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    reply.type(type);
    if (!isText || negotiateEncoding(request.headers["accept-encoding"]) === "identity") return reply.send(content);
    small ??= compress(content);
    return reply.header("content-encoding", "gzip").send(await small);
  };
}

/** The page's files: beside the bundle, or where the sources' build puts them; undefined where they are not built. */
function pageDirectory(): string | undefined {
  const beside = join(import.meta.dirname, "dashboard");
  if (existsSync(join(beside, "index.html"))) return beside;
  try {
    const sources = dirname(createRequire(import.meta.url).resolve("@pedidos/dashboard/package.json"));
    return existsSync(join(sources, "dist/index.html")) ? join(sources, "dist") : undefined;
  } catch {
    return undefined;
  }
}
