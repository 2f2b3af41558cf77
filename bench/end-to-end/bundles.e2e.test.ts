import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type BuiltApp, type BundleCopies, copyBundles } from "../harness/bundles.ts";
import { startApp } from "../harness/start-app.ts";

let bundles: BundleCopies;
beforeAll(() => {
  bundles = copyBundles(["api", "consumer", "migrate"]);
  return bundles.remove;
});

async function run(name: BuiltApp, env: Record<string, string>) {
  const app = await startApp({ name, entry: bundles.entryOf(name), env });
  onTestFinished(app.remove);
  return app;
}

test("the bundles run without node_modules: the contract's example, from POST to GET", async () => {
  const [database, vhost] = await Promise.all([freshDatabase(), freshVirtualHost()]);
  onTestFinished(database.drop);
  onTestFinished(vhost.drop);
  const migrated = await run("migrate", { DATABASE_URL: database.url });
  expect(await migrated.ended(), migrated.output()).toBe(0);
  const env = { DATABASE_URL: database.url, AMQP_URL: vhost.url };
  const [api, consumer] = [await run("api", env), await run("consumer", env)];
  await Promise.all([api.ready(), consumer.ready()]);
  const { base } = api;
  const posted = await fetch(`${base}/v1/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=30" },
    body: `{ "orderId": 1001, "customerId": 1, "placedAt": "2026-11-24T12:00:00Z",
      "items": [ { "product": "lápis", "quantity": 100, "unitPrice": 1.10 },
                 { "product": "caderno", "quantity": 10, "unitPrice": "1.00" } ] }`,
  });
  expect([posted.status, await posted.json()]).toEqual([
    201,
    { orderId: 1001, customerId: 1, total: "120.00", status: "recorded" },
  ]);
  const read = await fetch(`${base}/v1/orders/1001`);
  expect(await read.json()).toMatchObject({ total: "120.00", placedAt: "2026-11-24T12:00:00Z" });
  const docs = await fetch(`${base}/docs/`);
  expect(await docs.text()).toContain("swagger-ui");
  for (const asset of ["swagger-ui.css", "swagger-ui-bundle.js"])
    expect((await fetch(`${base}/docs/static/${asset}`)).status).toBe(200);
  expect(await (await fetch(`${consumer.base}/metrics`)).text()).toContain("# HELP");
  expect(await Promise.all([api.terminate(), consumer.terminate()])).toEqual([0, 0]);
});

describe("bad settings end the process with one message that names all of them, code 78, no secret shown", () => {
  test.each([
    ["api", { DATABASE_URL: "mysql://u:s3cret@h/db", PORT: "http" }, ["DATABASE_URL", "AMQP_URL", "PORT"]],
    [
      "api",
      { DATABASE_URL: "postgres://h/db", AMQP_URL: "amqp://h", HOST: "0.0.0.0" },
      ["ANONYMOUS_SCOPES", "API_KEYS_FILE"],
    ],
    ["api", { DATABASE_URL: "postgres://h/db", AMQP_URL: "amqp://h", ANONYMOUS_SCOPES: "everything" }, ["everything"]],
    [
      "consumer",
      { AMQP_URL: "http://u:s3cret@h", PEDIDOS_QUEUE: "maybe" },
      ["DATABASE_URL", "AMQP_URL", "PEDIDOS_QUEUE"],
    ],
    ["migrate", {}, ["DATABASE_URL"]],
  ] as const)("%s with %j", async (app, env, named) => {
    const process = await run(app, env);
    expect(await process.ended()).toBe(78);
    for (const name of named) expect(process.output()).toContain(name);
    expect(process.output()).not.toContain("s3cret");
  });
});
