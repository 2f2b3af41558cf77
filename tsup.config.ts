import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { defineConfig, type Options } from "tsup";

const shared: Options = { format: "esm", platform: "node", target: "node22.18", clean: true };

/** A package that others import: ESM; tsc writes the declarations beside it. */
const library: Options = { ...shared, entry: ["src/index.ts"], sourcemap: true };

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/**
 * An ES import of `node:http` has Node read each of its exports, WebSocket among them, and so load undici: a tenth of an
 * API's start. `require` does not.
 */
const requireHttp: Plugin = {
  name: "require-http",
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === "import-statement"
        ? { path: "node:http", namespace: "required" }
        : { path: "node:http", external: true },
    );
    build.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require("${path}");`,
    }));
  },
};

/**
 * OpenTelemetry's SDK is a file of its own, `tracing.js`, which is loaded where traces are switched on: read by every start
 * it would cost as much as all else.
 */
const apartTracing: Plugin = {
  name: "apart-tracing",
  setup(build) {
    build.onResolve({ filter: /\/start-sdk\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./tracing.js", external: true } : undefined,
    );
  },
};

/**
 * Parts of dependencies that are loaded with them and that nothing here calls. Reading, compiling and running these at
 * every start would cost it a twentieth.
 */
const UNUSED: readonly { readonly of: string; readonly parts: RegExp }[] = [
  // No route has a schema that Fastify should compile, and its server speaks HTTP/1.
  { of: "fastify", parts: /^@fastify\/(ajv-compiler|fast-json-stringify-compiler)$|^node:http2$/ },
  // The document is served as JSON; this is an eighth of the bundle.
  { of: "@fastify/swagger", parts: /^yaml$/ },
  // Sums over a cluster, pushing, exemplars.
  { of: "prom-client", parts: /^\.\/lib\/(cluster|pushgateway)$|^@opentelemetry\/api$/ },
  // Logs are written by the thread that has them.
  { of: "pino", parts: /^\.\/(lib\/)?transport$/ },
];

const leaveOutUnused: Plugin = {
  name: "leave-out-unused",
  setup(build) {
    for (const { of, parts } of UNUSED)
      build.onResolve({ filter: parts }, ({ path, importer }) =>
        importer.includes(`/node_modules/${of}/`) ? { path: `${of}: ${path}`, namespace: "unused" } : undefined,
      );
    build.onLoad({ filter: /.*/, namespace: "unused" }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error("not in this bundle: ${path}"); };`,
    }));
  },
};

/** How each binding's file goes on once this Node is known to be new enough to read its bundle. */
const STARTS: Readonly<Record<string, string>> = {
  main: 'import("./main.bundle.js");\n',
  lambda: 'export const { handler } = await import("./lambda.bundle.js");\n',
};
const bindings = Object.keys(STARTS).filter((binding) => existsSync(`src/${binding}.ts`));
const isTraced = ["api", "consumer", "standalone"].includes(basename(process.cwd()));

/**
 * An app: one ESM file for each binding, with its asset files, that runs without node_modules. Each is started by
 * a file of a few lines, `main.js` or `lambda.js`, as an old Node reads the whole bundle before it runs any of it.
 */
const bundle: Options = {
  ...shared,
  entry: {
    ...Object.fromEntries(bindings.map((binding) => [`${binding}.bundle`, `src/${binding}.ts`])),
    ...(isTraced && { tracing: join(import.meta.dirname, "packages/tracing/src/start-sdk.ts") }),
  },
  noExternal: [/.*/],
  splitting: false,
  shims: true,
  // Its plugin would come before ours.
  removeNodeProtocol: false,
  esbuildPlugins: [requireHttp, apartTracing, leaveOutUnused],
  // CommonJS dependencies call require(), which an ES module does not have.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  esbuildOptions(options) {
    options.legalComments = "none";
    // Two fifths smaller, and a little less work to start; names stay, so that a stack still shows where it was.
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
  async onSuccess() {
    const app = basename(process.cwd());
    const copy = (from: string, to: string) => cp(join(import.meta.dirname, from), to, { recursive: true });
    const refuse = await readFile(join(import.meta.dirname, "packages/process/src/refuse-old-node.cjs"), "utf8");
    // Of the apps only the command line is installed as a command.
    const hashBang = app === "cli" ? "#!/usr/bin/env node\n" : "";
    for (const binding of bindings)
      await writeFile(`dist/${binding}.js`, `${hashBang}${refuse}${STARTS[binding]}`, hashBang ? { mode: 0o755 } : {});
    // A function's host would take a .js file for CommonJS.
    if (existsSync("src/lambda.ts")) await writeFile("dist/package.json", '{ "type": "module" }\n');
    if (["api", "standalone"].includes(app)) {
      for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-16x16.png", "favicon-32x32.png"])
        await copy(`packages/http/node_modules/@fastify/swagger-ui/static/${file}`, `dist/static/${file}`);
      await copy("apps/dashboard/dist", "dist/dashboard");
    }
    if (["cli", "migrate", "standalone"].includes(app)) await copy("infra/sql", "dist/sql");
  },
};

export default defineConfig(existsSync("src/main.ts") ? bundle : library);
