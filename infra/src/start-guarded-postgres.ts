import { readFileSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "@pedidos/persistence";
import { startPostgres } from "@pedidos/testing";
import pg from "pg";

const INFRA = join(import.meta.dirname, "..");
export const directory = join(INFRA, "sql");
export const readInfra = (file: string) => readFileSync(join(INFRA, file), "utf8");

export type GuardedPostgres = Awaited<ReturnType<typeof startGuardedPostgres>>;

/**
 * A PostgreSQL server of a test's own, as roles belong to the whole server, with the database `pedidos` made as
 * docs/deploying.md says, each step twice, as it changes nothing the second time.
 */
export async function startGuardedPostgres() {
  const server = await startPostgres();
  /** Of a role's connection to a database; the role needs no password. */
  function urlOf(role: string, database = "pedidos"): string {
    return Object.assign(new URL(server.url), { username: role, pathname: `/${database}` }).href;
  }
  /** → "done", or the SQLSTATE that a role is refused with. */
  const attempt = (role: string, text: string, database?: string) =>
    query(urlOf(role, database), text).then(
      () => "done",
      (error: unknown) => (error instanceof pg.DatabaseError ? error.code : error),
    );
  for (const _ of ["once", "again"]) await query(server.url, readInfra("roles.sql"));
  await query(server.url, "create database pedidos owner pedidos_owner");
  for (const _ of ["once", "again"]) await query(urlOf("postgres"), readInfra("database.sql"));
  await migrate({ connectionString: urlOf("pedidos_owner"), directory });
  return { urlOf, attempt, remove: server.remove };
}

/** Runs a text on a connection of its own. → its rows */
export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
