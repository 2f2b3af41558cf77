import type { TestProject } from "vitest/node";
import { describeServers } from "./describe-servers.ts";
import type { CtlRecipe } from "./run-ctl.ts";
import { startPostgres } from "./start-postgres.ts";
import { startRabbitmq } from "./start-rabbitmq.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The database `postgres` of the server that this run shares. */
    postgresUrl: string;
    /** The virtual host `/` of the broker that this run shares. */
    amqpUrl: string;
    rabbitmqCtl: CtlRecipe;
  }
}

/** Starts one PostgreSQL and one RabbitMQ for the whole test run; → what ends them. */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, rabbitmq] = await Promise.all([startPostgres(), startRabbitmq()]);
  process.stdout.write(await describeServers(postgres, rabbitmq));
  project.provide("postgresUrl", postgres.url);
  project.provide("amqpUrl", rabbitmq.url);
  project.provide("rabbitmqCtl", rabbitmq.recipe);
  return async () => {
    await Promise.all([postgres.remove(), rabbitmq.remove()]);
  };
}
