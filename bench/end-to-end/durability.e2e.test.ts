import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import { expect, onTestFinished, test } from "vitest";
import { bundleOf } from "../harness/bundles.ts";
import { runMigrator } from "../harness/run-migrator.ts";
import { startApp } from "../harness/start-app.ts";
import { until } from "./start-test-system.ts";

test.each(["api", "consumer"] as const)("%s says once what a commit and a confirm depend on", async (app) => {
  const [database, vhost] = [await freshDatabase(), await freshVirtualHost()];
  onTestFinished(database.drop);
  onTestFinished(vhost.drop);
  await runMigrator(database.url);
  const running = await startApp({ entry: bundleOf(app), env: { DATABASE_URL: database.url, AMQP_URL: vhost.url } });
  onTestFinished(running.remove);
  const lines = () =>
    running
      .output()
      .split("\n")
      .filter((line) => line.includes("}"))
      .map((line) => JSON.parse(line));
  // The server that tests share neither syncs nor has a standby, and its broker has no management API for others to see.
  await until(async () => {
    const said = lines().filter(({ todo }) => todo !== undefined);
    expect(said.map(({ level, msg }) => `${level} ${msg}`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^40 database: fsync is off: /),
        expect.stringMatching(/^40 database: full_page_writes is off: /),
        expect.stringMatching(/^30 database: there is no synchronous standby: /),
        expect.stringMatching(/^30 broker: .*management API/),
      ]),
    );
    expect(said).toHaveLength(4);
  });
});
