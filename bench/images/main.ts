import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findOrInstall, findProgram, leaveNothing } from "@pedidos/testing";
import { REPOSITORY } from "../harness/bundles.ts";

/** Buildah's libraries keep what they learn of layers in a folder there, with every store. */
const CONTAINERS = "/var/lib/containers";

/**
 * Builds the images with buildah and proves them on real servers: runs images.test.ts in mount and process namespaces of
 * its own, so that no mount and no process outlives it, in a folder that is removed after it.
 */
async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("pnpm images mounts and changes users: run it as root");
  findOrInstall(() => findProgram("buildah"), "buildah");
  const { folder, mind, forget, remove } = leaveNothing("pedidos-images-");
  const vitest = [join(REPOSITORY, "node_modules/vitest/vitest.mjs"), "run", "--project", "images"];
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  mkdirSync(CONTAINERS, { recursive: true });
  const hide = ["/bin/sh", "-c", `mount -t tmpfs tmpfs ${CONTAINERS} && exec "$@"`, "sh"];
  const child = spawn(
    "unshare",
    [...namespaces, ...hide, process.execPath, ...vitest, "--disable-console-intercept", ...process.argv.slice(2)],
    { cwd: REPOSITORY, stdio: "inherit", env: { ...process.env, PEDIDOS_IMAGES_FOLDER: folder, TMPDIR: folder } },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGKILL"));
  const exited = once(child, "exit");
  await once(child, "spawn");
  if (child.pid !== undefined) mind(child.pid);
  const [code]: (number | null)[] = await exited;
  if (child.pid !== undefined) forget(child.pid);
  process.exitCode = code ?? 1;
  if (readFileSync("/proc/self/mounts", "utf8").includes(folder)) throw new Error(`something is mounted in ${folder}`);
  remove();
}

await main();
