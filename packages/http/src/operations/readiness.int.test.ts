import { migrate } from "@pedidos/persistence";
import { freshDatabase } from "@pedidos/testing";
import { expect, onTestFinished, test } from "vitest";
import { openApi } from "../open-api.ts";
import { silent } from "../testing/serve-for-test.ts";

test("a process that also records says so when it takes orders and can record none", async () => {
  const database = await freshDatabase();
  onTestFinished(database.drop);
  await migrate({ connectionString: database.url, directory: "infra/sql" });
  let recording: "up" | "down" = "up";
  const { app, close } = openApi({
    connectionString: database.url,
    broker: undefined,
    access: { anonymousScopes: new Set() },
    recorder: { spool: async () => {}, awaitCapacity: async () => {}, status: () => ({ database: recording }) },
    log: silent,
  });
  onTestFinished(close);
  const ready = async () => {
    const { statusCode, payload } = await app.inject("/health/ready");
    return [statusCode, JSON.parse(payload)];
  };
  expect(await ready()).toEqual([200, { status: "ready", dependencies: { database: "up" } }]);
  recording = "down";
  expect(await ready()).toEqual([200, { status: "degraded", dependencies: { database: "down" } }]);
});
