import { connect } from "amqplib";
import pg from "pg";
import type { Rabbitmq } from "./rabbitmq.ts";
import type { Postgres } from "./start-postgres.ts";

/** One line each on what a run's servers are and where they come from. */
export async function describeServers(postgres: Postgres, rabbitmq: Rabbitmq): Promise<string> {
  const folder = process.env.TEST_POSTGRES_DIR || "the npm package";
  return [
    `PostgreSQL ${await postgresVersion(postgres.url)} from ${folder}, started for this run`,
    `RabbitMQ ${await rabbitmqVersion(rabbitmq.url)} by ${process.env.TEST_RABBITMQ_ROOT || rabbitmq.recipe.command}, started for this run`,
    "",
  ].join("\n");
}

async function postgresVersion(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version ?? "?";
  } finally {
    await client.end();
  }
}

async function rabbitmqVersion(url: string): Promise<string> {
  const model = await connect(url);
  try {
    return String(model.connection.serverProperties.version);
  } finally {
    await model.close();
  }
}
