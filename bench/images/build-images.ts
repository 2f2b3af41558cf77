import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Bases } from "./assemble-bases.ts";
import type { Workshop } from "./open-workshop.ts";
import { runCommand } from "./run-command.ts";

export const REPOSITORY = join(import.meta.dirname, "../..");

export const targets = ["api", "consumer", "migrate", "standalone"] as const;
export type Target = (typeof targets)[number];

/** Where pnpm keeps what it has downloaded, so that the build needs no network. */
export type PnpmFolders = { readonly store: string; readonly cache: string };

/** Copies what git holds or would take in, so that nothing changes while images are built; → the copy's folder. */
export async function copySource(workshop: Workshop): Promise<string> {
  const folder = join(workshop.folder, "source");
  mkdirSync(folder);
  const files = "git ls-files -z --cached --others --exclude-standard";
  const pack = "tar --create --null --files-from=- --ignore-failed-read";
  await runCommand("/bin/sh", ["-c", `${files} | ${pack} | tar --extract --directory "$1"`, "sh", folder], {
    cwd: REPOSITORY,
  });
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
      ...["--target", target, "--tag", name(target), ...more, source],
    );
    console.log(`built ${name(target)} in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  };
  const name = (target: string) => `localhost/pedidos-${target}`;
  // Built once and handed to the final stages, which keep a layer for each of their lines, as docker's builds do.
  await build("build");
  const final = ["--layers", "--build-context", `build=container-image://${name("build")}`];
  for (const target of ["node", ...targets]) await build(target, ...final);
  return {
    node: name("node"),
    api: name("api"),
    consumer: name("consumer"),
    migrate: name("migrate"),
    standalone: name("standalone"),
  };
}
