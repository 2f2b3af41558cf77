import { existsSync } from "node:fs";
import { join } from "node:path";

/** → where the numbered SQL files are: beside a bundle, or in the repository's `infra/sql`. */
export function schemaDirectory(): string {
  const beside = join(import.meta.dirname, "sql");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../../../infra/sql");
}
