import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Workshop } from "./open-workshop.ts";
import { requireProgram } from "./require-program.ts";

/** What the Dockerfile's RUN lines and pnpm's launchers call. */
const TOOLS = ["sh", "env", "mkdir", "cp", "rm", "chmod", "ls", "dirname", "uname", "sed", "readlink", "ln"];

/** The images that stand for the Dockerfile's BASE_IMAGE and BUILD_IMAGE where nothing is pulled from a network. */
export type Bases = { readonly base: string; readonly build: string };

/**
 * Assembles both from this machine: the base is the libraries that Node and PostgreSQL link, as a distroless image has
 * them; the build image is Node, pnpm and a few of the system's programs on top of the same libraries.
 *
 * @param node the pinned binary; @param postgres the programs of the npm package, for the libraries that they link
 */
export async function assembleBases(
  workshop: Workshop,
  { node, pnpm, postgres }: { node: string; pnpm: string; postgres: readonly string[] },
): Promise<Bases> {
  const tools = TOOLS.map(requireProgram);
  const libraries = librariesOf([node, ...postgres]);
  const base = makeRoot(join(workshop.folder, "base"));
  // Distroless images lack it; the Dockerfile brings it along with Node.
  for (const file of libraries) if (!file.includes("/libatomic.so")) install(base, file, inUsr(file));
  const build = makeRoot(join(workshop.folder, "build"));
  for (const file of new Set([...libraries, ...librariesOf([pnpm, ...tools])])) install(build, file, inUsr(file));
  install(build, node, "/usr/bin/node");
  install(build, pnpm, "/usr/bin/pnpm");
  for (const [index, name] of TOOLS.entries()) install(build, tools[index] ?? "", `/usr/bin/${name}`);
  writeFileSync(join(build, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  return { base: await commit(workshop, base, "base"), build: await commit(workshop, build, "build-base") };
}

/** The shared libraries that programs link outside their own folder, the loader among them. */
function librariesOf(programs: readonly string[]): string[] {
  const found = new Set<string>();
  for (const program of programs)
    for (const [path] of linked(program).matchAll(/\/\S+\.so[.\d]*/g)) if (/^\/(usr\/)?lib/.test(path)) found.add(path);
  return [...found].sort();
}

function linked(program: string): string {
  try {
    return execFileSync("ldd", [program], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return ""; // a static program
  }
}

const inUsr = (path: string) => (path.startsWith("/usr/") ? path : `/usr${path}`);

function makeRoot(folder: string): string {
  for (const name of ["usr/bin", "usr/lib", "usr/lib64", "etc", "root", "tmp"])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["bin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(folder, name));
  chmodSync(join(folder, "tmp"), 0o1777);
  return folder;
}

function install(root: string, file: string, path: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(file), target);
  chmodSync(target, 0o755);
}

async function commit(workshop: Workshop, root: string, name: string): Promise<string> {
  const image = `localhost/pedidos-${name}`;
  const recipe = `${root}.Dockerfile`;
  writeFileSync(recipe, `FROM scratch\nCOPY . /\nENV PATH=${["/usr/local/bin", "/usr/bin"].join(delimiter)}\n`);
  await workshop.buildah("build", "--isolation", "chroot", "--timestamp", "0", "-q", "-f", recipe, "-t", image, root);
  return image;
}
