import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../harness/bundles.ts";
import { mapRecord } from "../harness/map-record.ts";
import type { Bases } from "./assemble-bases.ts";
import type { Workshop } from "./open-workshop.ts";
import { runCommand } from "./run-command.ts";

export const targets = ["api", "consumer", "migrate", "standalone"] as const;
export type Target = (typeof targets)[number];

const nameOf = <Name extends string>(target: Name) => `localhost/pedidos-${target}` as const;
/** By their stages of the Dockerfile, in the order in which they are built. */
const IMAGES = {
  node: nameOf("node"),
  api: nameOf("api"),
  consumer: nameOf("consumer"),
  migrate: nameOf("migrate"),
  standalone: nameOf("standalone"),
};

/** Where pnpm keeps what it has downloaded, so that the build needs no network. */
export type PnpmFolders = { readonly store: string; readonly cache: string };

/** Copies what git holds or would take in, so that nothing changes while images are built; → the copy's folder. */
export async function copySource(workshop: Workshop): Promise<string> {
  const folder = join(workshop.folder, "source");
  mkdirSync(folder);
  const files = "git ls-files -z --cached --others --exclude-standard";
  const pack = "tar --create --null --files-from=- --ignore-failed-read";
  await runCommand("/bin/sh", ["-c", `${files} | ${pack} | tar --extract --directory "$1"`, "sh", folder], REPOSITORY);
  return folder;
}

/**
 * Builds the Dockerfile's targets, without the network and with every time set to 1970, so that the same input gives
 * the same digest.
 *
 * @returns each target's image
 */
export async function buildImages(
  workshop: Workshop,
  source: string,
  { bases, pnpm }: { readonly bases: Bases; readonly pnpm: PnpmFolders },
): Promise<Record<Target | "node", string>> {
  const build = async (target: string, ...more: string[]) => {
    const startedAt = performance.now();
    await workshop.buildah(
      ...["build", "--isolation", "chroot", "--timestamp", "0", "--format", "oci", "-q"],
      ...["--file", join(source, "infra/Dockerfile")],
      ...["--ignorefile", join(source, "infra/Dockerfile.dockerignore")],
      ...["--build-arg", `BASE_IMAGE=${bases.base}`, "--build-arg", `BUILD_IMAGE=${bases.build}`],
      ...["--build-arg", "INSTALL=--offline", "--volume", `${pnpm.store}:/pnpm/store`],
      ...["--volume", `${pnpm.cache}:/root/.cache/pnpm`],
      ...["--target", target, "--tag", nameOf(target), ...more, source],
    );
    console.log(`built ${nameOf(target)} in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  };
  // Built once and handed to the final stages, which keep a layer for each of their lines, as docker's builds do.
  await build("build");
  const final = ["--layers", "--build-context", `build=container-image://${nameOf("build")}`];
  return mapRecord(IMAGES, async (name, target) => {
    await build(target, ...final);
    return name;
  });
}
