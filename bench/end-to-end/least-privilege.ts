import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import { REPOSITORY } from "../harness/bundles.ts";
import { query } from "../harness/query.ts";

/** A service made as docs/deploying.md says: its administrator's URL, and that of each process. */
export type Guarded<Process extends string> = {
  readonly url: string;
  readonly as: Readonly<Record<Process, string>>;
  readonly drop: () => Promise<void>;
};

const infra = (path: string) => readFileSync(join(REPOSITORY, "infra", path), "utf8");

/** A database that belongs to pedidos_owner, with the roles of infra/roles.sql. */
export async function guardedDatabase(): Promise<Guarded<"migrate" | "api" | "consumer">> {
  const { url, drop } = await freshDatabase();
  await query(url, infra("roles.sql"));
  await query(url, `alter database "${new URL(url).pathname.slice(1)}" owner to pedidos_owner`);
  const as = (role: string) => withUser(url, role);
  return {
    url,
    as: { migrate: as("pedidos_owner"), api: as("pedidos_api"), consumer: as("pedidos_consumer") },
    drop,
  };
}

/** A virtual host with the topology, users and permissions of infra/rabbitmq; the passwords are the file's placeholders. */
export async function guardedVirtualHost(): Promise<Guarded<"api" | "consumer">> {
  const { url, drop } = await freshVirtualHost(JSON.parse(infra("rabbitmq/definitions.json")));
  const as = (user: string) => withUser(url, user, `@${user}@`);
  return { url, as: { api: as("pedidos_api"), consumer: as("pedidos_consumer") }, drop };
}

/** A service where every process is its administrator. */
export function unguarded(url: string): Guarded<"migrate" | "api" | "consumer"> {
  return { url, as: { migrate: url, api: url, consumer: url }, drop: async () => {} };
}

function withUser(url: string, username: string, password = ""): string {
  return Object.assign(new URL(url), { username, password }).href;
}
