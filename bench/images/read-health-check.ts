import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../harness/bundles.ts";
import type { Target } from "./build-images.ts";

/** The command of the target's health check. OCI images, as buildah writes them here, can't hold one; docker's can. */
export function readHealthCheck(target: Target): string[] {
  const recipe = readFileSync(join(REPOSITORY, "infra/Dockerfile"), "utf8");
  const stage = recipe.split(/^FROM /m).find((text) => text.includes(` AS ${target}\n`)) ?? "";
  const command: unknown = JSON.parse(stage.match(/^HEALTHCHECK .*CMD (\[.*\])$/m)?.[1] ?? "[]");
  if (!Array.isArray(command) || command.length === 0) throw new Error(`${target} has no health check`);
  return command.map(String);
}
