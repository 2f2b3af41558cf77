import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where the numbered SQL files are: beside a bundle, or in the repository's `infra/sql`. */
export function schemaDirectory(): string {
  // Beside a bundle, from the bundle of an app in the repository, from here.
  const folders = ["sql", "../../../infra/sql", "../../../../infra/sql"].map((path) => join(import.meta.dirname, path));
  return folders.find((folder) => existsSync(folder)) ?? "infra/sql";
}
