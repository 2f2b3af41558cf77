import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** → where the numbered SQL files are: beside a bundle, or in the repository's `infra/sql`. */
export function schemaDirectory(): string {
  const beside = join(import.meta.dirname, "sql");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../../../infra/sql");
}

/** → the names of the numbered files, in their order. */
export async function listSchemaFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
}
