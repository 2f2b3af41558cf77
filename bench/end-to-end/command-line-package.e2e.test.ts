import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleOf, REPOSITORY } from "../harness/bundles.ts";
import { runProgram } from "../harness/run-program.ts";

/** Outside of the repository, with one order in it, as a person's folder. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pedidos-package-"));
  writeFileSync(
    join(folder, "one.ndjson"),
    '{"orderId":1,"customerId":7,"items":[{"product":"pen","quantity":2,"unitPrice":"1.50"}]}\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
/** As a person's shell has it: the npx that may run the tests hands its own options on. */
const shell = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/i.test(name)));
const run = (file: string, args: readonly string[], env = {}, cwd = folder) =>
  runProgram(file, args, { cwd, env: { ...shell, PATH, ...env } });
const npx = (...args: string[]) => run("npx", ["-y", ...args]);

test("npx runs the packed command, which brings all that it needs", async () => {
  const pedidos = ["--offline", "--package=./pedidos.tgz", "pedidos"];
  const packed = await npx("pnpm@12", "-C", join(REPOSITORY, "apps/cli"), "pack", "--out", join(folder, "pedidos.tgz"));
  expect(packed.code).toBe(0);
  expect(await npx(...pedidos, "--version")).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  expect((await npx(...pedidos, "send", "one.ndjson", "--dry-run")).output).toMatch(/^valid +1$/m);
  // It compares a database with the schema's files.
  const examined = await run("npx", ["-y", ...pedidos, "doctor", "--json"], {
    PEDIDOS_URL: "http://127.0.0.1:1",
    DATABASE_URL: "postgres://user@127.0.0.1:1/name",
  });
  expect(examined).toMatchObject({ code: 1, output: expect.stringMatching(/"about":"database".*ECONNREFUSED/) });
});

test("in the clone npx runs the built command, as the README has it", async () => {
  const version = await run("npx", ["pedidos", "--version"], {}, join(REPOSITORY, "docs"));
  expect(version).toMatchObject({ code: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("through pnpm in the clone, paths are from where the person stands", async () => {
  const api = createServer((_, response) => void response.end("orderId\n1\n"));
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const address = api.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const pedidos = ["pnpm@12", "-C", REPOSITORY, "-s", "pedidos"];
  expect((await npx(...pedidos, "send", "one.ndjson", "--dry-run")).output).toMatch(/^valid +1$/m);
  expect((await npx(...pedidos, "export", "-o", "list.csv", "--url", url)).code).toBe(0);
  expect(readdirSync(folder)).toContain("list.csv");
  api.close();
});

test("bash completes commands, options and their choices, and files where neither is due", async () => {
  const complete = `
    pedidos() { '${process.execPath}' '${bundleOf("cli")}' "$@"; }
    eval "$(pedidos completion)"
    for line in 'pedidos re' 'pedidos rejections dis' 'pedidos export --form' 'pedidos export --format ' 'pedidos send '; do
      IFS=' ' read -ra COMP_WORDS <<<"$line"
      [[ $line = *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _pedidos_yargs_completions
      echo "\${COMPREPLY[*]}"
    done`;
  const { output } = await run("bash", ["-c", complete], { SHELL: "/bin/bash", ZSH_NAME: "" });
  expect(output).toBe("reconcile rejections resume recount\ndiscard\n--format\ncsv ndjson\n\n");
});
