import { randomBytes } from "node:crypto";
import { type Postgres, type PostgresOptions, type Rabbitmq, startPostgres, startRabbitmq } from "@pedidos/testing";
import { query } from "./query.ts";

/** A PostgreSQL and a RabbitMQ of the caller's own, to be broken or measured. */
export type Servers = {
  readonly postgres: Postgres;
  readonly rabbitmq: Rabbitmq;
  /** → the URL of a new database, as empty or full as its template */
  readonly createDatabase: (template?: string) => Promise<string>;
  readonly createVirtualHost: () => Promise<{ readonly name: string; readonly url: string }>;
  readonly remove: () => Promise<void>;
};

export async function startServers(options: PostgresOptions = {}): Promise<Servers> {
  const [postgres, rabbitmq] = await Promise.all([startPostgres(options), startRabbitmq()]);
  const newName = () => `bench_${randomBytes(6).toString("hex")}`;
  return {
    postgres,
    rabbitmq,
    async createDatabase(template = "template1") {
      const name = newName();
      await query(postgres.url, `create database ${name} template ${template}`);
      return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
    },
    async createVirtualHost() {
      const name = newName();
      await rabbitmq.ctl("add_vhost", name);
      await rabbitmq.ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*");
      return { name, url: `${rabbitmq.url}/${name}` };
    },
    async remove() {
      await Promise.all([postgres.remove(), rabbitmq.remove()]);
    },
  };
}
