import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** As seen from a bundle that brings them, from a bundle in `apps/<app>/dist`, from this file. */
const PLACES = ["sql", "../../../infra/sql", "../../../../infra/sql"];

/** → where the numbered SQL files are: beside a bundle, or in the repository's `infra/sql`. */
export function schemaDirectory(): string {
  const places = PLACES.map((place) => join(import.meta.dirname, place));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`no SQL files in ${places.join(", ")}`);
  return found;
}

/** → the names of the numbered files, in their order. */
export async function listSchemaFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
}
