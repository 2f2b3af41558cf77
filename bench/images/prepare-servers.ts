import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../harness/bundles.ts";
import { query } from "../harness/query.ts";
import type { Servers } from "../harness/start-servers.ts";
import type { Workshop } from "./open-workshop.ts";
import { runCommand } from "./run-command.ts";

export type Prepared = {
  /** A folder for each process, to be mounted at /run/secrets: `database-url`, but for migrate `amqp-url`, and for the API `dead-letters-amqp-url`. */
  readonly secrets: Readonly<Record<"api" | "consumer" | "migrate", string>>;
  /** For another team's producer, who may publish to the exchange `orders` and nothing else. */
  readonly producerUrl: string;
};

/**
 * Makes the servers what infra/compose.yaml makes its own: the roles and the database's owner, the broker's users with
 * their permissions, `guest` gone, and a password for each from make-secrets.sh.
 */
export async function prepareServers(workshop: Workshop, { postgres, rabbitmq }: Servers): Promise<Prepared> {
  const made = join(workshop.folder, "made");
  const script = join(REPOSITORY, "infra/make-secrets.sh");
  await runCommand("env", [`SECRETS_DIR=${made}`, `ENV_FILE=${join(workshop.folder, "env")}`, "/bin/sh", script]);
  await query(postgres.url, readFileSync(join(REPOSITORY, "infra/roles.sql"), "utf8"));
  await query(postgres.url, readFileSync(join(made, "postgres-roles.sql"), "utf8"));
  await query(postgres.url, "create database pedidos owner pedidos_owner");
  const pedidos = Object.assign(new URL(postgres.url), { pathname: "/pedidos" }).href;
  await query(pedidos, readFileSync(join(REPOSITORY, "infra/database.sql"), "utf8"));
  await rabbitmq.ctl("import_definitions", join(made, "rabbitmq-definitions.json"));
  await rabbitmq.ctl("delete_user", "guest");

  await rabbitmq.ctl("add_user", "shop", "shop");
  await rabbitmq.ctl("set_permissions", "shop", "^$", "^orders$", "^$");

  const folderOf = (app: keyof Prepared["secrets"]): string => {
    const folder = join(workshop.folder, "secrets", app);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    const keep = (name: string, file: string, server: string) => {
      const url = new URL(readFileSync(join(made, file), "utf8").trim());
      url.host = new URL(server).host;
      writeFileSync(join(folder, name), `${url.href}\n`, { mode: 0o644 });
    };
    keep("database-url", `database-url-${app}`, postgres.url);
    if (app !== "migrate") keep("amqp-url", `amqp-url-${app}`, rabbitmq.url);
    if (app === "api") keep("dead-letters-amqp-url", "amqp-url-dead-letters", rabbitmq.url);
    return folder;
  };
  const producerUrl = new URL(rabbitmq.url);
  producerUrl.username = "shop";
  producerUrl.password = "shop";
  return {
    secrets: { api: folderOf("api"), consumer: folderOf("consumer"), migrate: folderOf("migrate") },
    producerUrl: producerUrl.href,
  };
}
