import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import { vi } from "vitest";
import { REPOSITORY } from "../harness/bundles.ts";
import { query } from "../harness/query.ts";

/** A service made as docs/deploying.md says: its administrator's URL, and that of each process. */
export type Guarded<Process extends string> = {
  readonly url: string;
  readonly as: Readonly<Record<Process, string>>;
  readonly drop: () => Promise<void>;
};

type DatabaseRole = "migrate" | "api" | "consumer";
type BrokerUser = "api" | "deadLetters" | "consumer";

const infra = (path: string) => readFileSync(join(REPOSITORY, "infra", path), "utf8");

/** A database that belongs to pedidos_owner, with the roles of infra/roles.sql, closed to all others. */
export async function guardedDatabase(): Promise<Guarded<DatabaseRole>> {
  const { url, drop } = await freshDatabase();
  await makeRoles(url);
  await query(url, `alter database "${new URL(url).pathname.slice(1)}" owner to pedidos_owner`);
  await query(url, infra("database.sql"));
  const as = (role: string) => withUser(url, role);
  return {
    url,
    as: { migrate: as("pedidos_owner"), api: as("pedidos_api"), consumer: as("pedidos_consumer") },
    drop,
  };
}

/** Roles belong to the whole server, where another test may be making the same ones at this moment. */
async function makeRoles(url: string): Promise<void> {
  await vi.waitFor(() => query(url, infra("roles.sql")), { timeout: 20_000, interval: 100 });
}

/** A virtual host with the topology, users and permissions of infra/rabbitmq; the passwords are the file's placeholders. */
export async function guardedVirtualHost(): Promise<Guarded<BrokerUser>> {
  const { url, drop } = await freshVirtualHost(JSON.parse(infra("rabbitmq/definitions.json")));
  const as = (user: string) => withUser(url, user, `@${user}@`);
  const users = { api: as("pedidos_api"), deadLetters: as("pedidos_dead_letters"), consumer: as("pedidos_consumer") };
  return { url, as: users, drop };
}

/** A service where every process is its administrator. */
export function unguarded(url: string): Guarded<DatabaseRole | BrokerUser> {
  return { url, as: { migrate: url, api: url, deadLetters: url, consumer: url }, drop: async () => {} };
}

function withUser(url: string, username: string, password = ""): string {
  return Object.assign(new URL(url), { username, password }).href;
}
