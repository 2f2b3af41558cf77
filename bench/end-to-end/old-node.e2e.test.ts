import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type BuiltApp, copyBundles, REPOSITORY } from "../harness/bundles.ts";
import { runProgram } from "../harness/run-program.ts";

const NEEDED = "22.18";
const APPS: readonly BuiltApp[] = ["api", "cli", "consumer", "migrate", "standalone"];
const FUNCTIONS = ["api", "consumer"];

type Old = { readonly version: string; readonly node: string };
/** Every Node on the PATH that is too old, and the one that runs the tests, which says that it is. */
let olds: readonly Old[];
let folder: string;
beforeAll(async () => {
  // Far from any node_modules and any package.json.
  const bundles = copyBundles(APPS);
  folder = bundles.folder;
  const disguise = join(folder, "disguise.cjs");
  await writeFile(
    disguise,
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.0.0" } });`,
  );
  await mkdir(join(folder, "bin"));
  const node = join(folder, "bin/node");
  await writeFile(node, `#!/bin/sh\nexec '${process.execPath}' --require '${disguise}' "$@"\n`);
  await chmod(node, 0o755);
  olds = [{ version: "18.0.0", node }, ...oldOnes()];
  return bundles.remove;
});

function oldOnes(): Old[] {
  const found = (process.env.PATH ?? "").split(delimiter).flatMap((path): Old[] => {
    const node = join(path, "node");
    try {
      return [{ version: execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1), node }];
    } catch {
      return [];
    }
  });
  return found.filter(({ version }) => {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major < 22 || (major === 22 && minor < 18);
  });
}

async function run(file: string, args: readonly string[], PATH = "") {
  const { code, output, errors } = await runProgram(file, args, { cwd: REPOSITORY, env: { PATH } });
  return { code, output: output + errors };
}

const refused = (version: string) => ({
  code: 78,
  output: expect.stringMatching(
    new RegExp(`^Pedidos needs Node ${NEEDED} or newer; this is Node ${version} \\(.*\\)\\.\\n$`),
  ),
});

test.each(APPS)("the bundle of %s says which Node it needs, and ends with 78", async (app) => {
  for (const { version, node } of olds)
    expect(await run(node, [join(folder, app, "main.js")])).toEqual(refused(version));
});

test.each(FUNCTIONS)("so does the function of %s", async (app) => {
  const host = join(folder, "host.mjs");
  await writeFile(host, "await import(process.argv[2]);\n");
  for (const { version, node } of olds)
    expect(await run(node, [host, join(folder, app, "lambda.js")])).toEqual(refused(version));
});

describe("where no Node comes with the packages, the commands of package.json say it too", () => {
  test.each(["prestart", "build", "pedidos"])("%s", async (name) => {
    const { scripts } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8"));
    const path = `${join(folder, "bin")}${delimiter}/usr/bin${delimiter}/bin`;
    expect(await run("/bin/sh", ["-c", scripts[name]], path)).toEqual(refused("18.0.0"));
  });

  test("and the others begin with one of these", async () => {
    const { scripts } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8"));
    const refuses = "node -r ./packages/process/src/refuse-old-node.cjs ";
    for (const name of ["test", "test:faults", "faults", "fuzz", "bench", "screenshots"])
      expect(scripts[name]).toMatch(/^pnpm build && /);
    for (const name of ["prestart", "pedidos", "images", "check:release"])
      expect(scripts[name].startsWith(refuses)).toBe(true);
  });
});
