import { setTimeout as wait } from "node:timers/promises";
import { migrate, schemaDirectory } from "@pedidos/persistence";
import amqp from "amqplib";
import { expect, test, vi } from "vitest";
import { query } from "../../harness/query.ts";
import { openCase, readiness } from "./open-case.ts";

test("15: started before both servers, without a schema, with an empty virtual host, with queues deleted: takes orders by what is there, and heals", async () => {
  const { system, http, newOrder, expectSound } = await openCase({ start: false });
  const { postgres, rabbitmq, apps } = system;
  const submit = async () => {
    const outcome = await http.api1.submit("single", [newOrder()]);
    return outcome.kind === "answered" ? outcome.status : outcome.kind;
  };
  const until = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 30_000, interval: 200 });

  await query(postgres.url, "drop schema public cascade; create schema public");
  await Promise.all([postgres.stop(), rabbitmq.stop()]);
  await Promise.all([apps.api1.start(), apps.consumer1.start()]);
  await until(async () => expect(await readiness(apps.api1.port)).toContain('"unavailable"'));
  expect(await submit()).toBe(503);

  await rabbitmq.start();
  await until(async () => expect(await submit()).toBe(202));
  await postgres.start();
  await wait(1_000);
  expect(await readiness(apps.api1.port)).toContain('"degraded"');
  await migrate({ connectionString: postgres.url, directory: schemaDirectory() });
  await until(async () => expect(await readiness(apps.api1.port)).toContain('"ready"'));
  await until(async () => expect(await readiness(apps.consumer1.port)).toContain('"ready"'));
  await expectSound();

  await rabbitmq.stop();
  expect(await submit()).toBe(202);
  await Promise.all([apps.api2.start(), apps.consumer2.start()]);
  await until(async () => expect(await readiness(apps.api2.port)).toContain('"degraded"'));
  await rabbitmq.start();
  await until(async () => expect(await readiness(apps.api2.port)).toContain('"ready"'));
  await until(async () => expect(await readiness(apps.consumer2.port)).toContain('"ready"'));

  await expectSound();
  const connection = await amqp.connect(system.amqpUrl);
  const channel = await connection.createChannel();
  for (const queue of ["orders.intake", "orders.dead-letter", "pedidos"]) await channel.deleteQueue(queue);
  for (const exchange of ["orders", "orders.dead", "orders.events"]) await channel.deleteExchange(exchange);
  await connection.close();
  expect(await submit()).toBe(202);
  await until(async () => {
    for (const app of Object.values(apps)) expect(await readiness(app.port)).toContain('"ready"');
  });
  await expectSound();
}, 240_000);
