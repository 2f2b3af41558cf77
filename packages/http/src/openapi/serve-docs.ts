import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import { answerContent, answerFile, answerFolder, COMMON, headersOfPage, serveFiles } from "../page/serve-files.ts";
import type { Observe } from "../server/observe-requests.ts";
import { writeAsyncapi } from "./write-asyncapi.ts";
import { type Documented, writeDocument } from "./write-document.ts";

/** Swagger UI has pictures in its stylesheet. */
const OF_PAGE = headersOfPage({ "img-src": "'self' data:" });
/** Their names stay when their content changes. */
const OF_FILE = { ...COMMON, "cache-control": "no-cache", "cross-origin-resource-policy": "same-origin" };

/** Of Swagger UI's files those that its page needs; the build puts them beside the bundle. */
const SWAGGER_UI = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-16x16.png", "favicon-32x32.png"];

/** → the page. Its links are relative, so that they hold behind a prefix as well, with a slash at its end or without. */
const page = (here: "" | "docs/") => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Orders</title>
    <link rel="icon" type="image/png" sizes="32x32" href="${here}static/favicon-32x32.png">
    <link rel="icon" type="image/png" sizes="16x16" href="${here}static/favicon-16x16.png">
    <link rel="stylesheet" href="${here}static/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="${here}static/swagger-ui-bundle.js"></script>
    <script src="${here}static/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  dom_id: "#docs",
  url: new URL("../../openapi.json", document.currentScript.src).href,
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
});
`;

/** `GET /openapi.json`, the page at `/docs`, and `GET /docs/asyncapi.json`. */
export function serveDocs(app: FastifyInstance, documented: Documented, observe: (route: string) => Observe): void {
  serveFiles(app, observe("/docs"), {
    "/docs": answerContent(".html", () => page("docs/"), OF_PAGE),
    "/docs/": answerContent(".html", () => page(""), OF_PAGE),
    "/docs/static/:name": answerFolder(openFiles),
    "/docs/asyncapi.json": answerContent(".json", () => JSON.stringify(writeAsyncapi()), OF_FILE),
  });
  serveFiles(app, observe("/openapi.json"), {
    "/openapi.json": answerContent(".json", async () => JSON.stringify(await writeDocument(documented)), OF_FILE),
  });
}

function openFiles() {
  const directory = staticDirectory();
  return new Map([
    ...SWAGGER_UI.map((name) => [name, answerFile(join(directory, name), OF_FILE)] as const),
    ["start.js", answerContent(".js", () => START, OF_FILE)] as const,
  ]);
}

/** Beside the bundle, or in the package if the sources run. */
function staticDirectory(): string {
  const beside = join(import.meta.dirname, "static");
  if (existsSync(beside)) return beside;
  return join(dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui/package.json")), "static");
}
