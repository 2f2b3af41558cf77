import { existsSync } from "node:fs";
import { join } from "node:path";

/** Beside a bundle; else the repository's, as seen from an app's bundle and from this file. */
const PLACES = ["sql", "../../../infra/sql", "../../../../infra/sql"];

/** Where the numbered SQL files are. */
export function schemaDirectory(): string {
  const places = PLACES.map((place) => join(import.meta.dirname, place));
  return places.find((place) => existsSync(place)) ?? join(import.meta.dirname, "sql");
}
