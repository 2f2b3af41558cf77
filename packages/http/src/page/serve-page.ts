import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import { refusal, refuse } from "../server/answer.ts";
import type { Observe } from "../server/observe-requests.ts";
import { type AnswerFile, answerFile, answerFolder, COMMON, headersOfPage, serveFiles } from "./serve-files.ts";

const OF_PAGE = headersOfPage({ "require-trusted-types-for": "'script'", "trusted-types": "'none'" });
/** A file's name changes with its content. */
const OF_FILE = {
  ...COMMON,
  "cache-control": "public, max-age=31536000, immutable",
  "cross-origin-resource-policy": "same-origin",
};

/** `GET /` serves the page, and `/page/` its files, from memory. */
export function servePage(
  app: FastifyInstance,
  observe: (route: string) => Observe,
  directory: string | undefined = pageDirectory(),
): void {
  if (directory === undefined) {
    serveFiles(app, observe("/"), { "/": behindSlash(async (_request, reply) => refuse(reply, NOT_BUILT)) });
    return;
  }
  const folder = join(directory, "page");
  const open = () => new Map(readdirSync(folder).map((name) => [name, answerFile(join(folder, name), OF_FILE)]));
  serveFiles(app, observe("/"), { "/": behindSlash(answerFile(join(directory, "index.html"), OF_PAGE)) });
  serveFiles(app, observe("/page/*"), { "/page/:name": answerFolder(open) });
}

/** The page's links are relative to an address that ends with a slash. */
function behindSlash(answer: AnswerFile): AnswerFile {
  return async (request, reply) => {
    const [path = ""] = request.originalUrl.split("?", 1);
    return path.endsWith("/") ? await answer(request, reply) : reply.redirect(`${request.basePath}/`, 308);
  };
}

const NOT_BUILT = refusal(
  "not_found",
  "The page is not built here. Build it with: npx -y pnpm@12 build. The API is all there; /docs describes it.",
);

/** → the folder of the page's files, beside the bundle or in the sources; undefined if they are not built. */
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
