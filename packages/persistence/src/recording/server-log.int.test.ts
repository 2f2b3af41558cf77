import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Postgres, startPostgres } from "@pedidos/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../connection/open-database.ts";
import type { Db } from "../connection/statements.ts";
import { migrate } from "../schema/migrate.ts";
import { spoolOrders } from "../spool/spool-orders.ts";
import { anOrder, SQL_DIRECTORY, submitted } from "../testing/migrated-database.ts";
import { recordOrders } from "./record-orders.ts";

const folder = mkdtempSync(join(tmpdir(), "pedidos-log-"));
let server: Postgres;
let db: Db;
beforeAll(async () => {
  // What failed is logged as where nobody has set anything.
  server = await startPostgres({
    folder,
    settings: { log_min_error_statement: "error", log_error_verbosity: "default" },
  });
  await migrate({ connectionString: server.url, directory: SQL_DIRECTORY });
  db = openDatabase({ connectionString: server.url, applicationName: "test" });
});
afterAll(async () => {
  await db.destroy();
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("the server's log holds nothing of an order, for each statement of ours that is expected to fail", async () => {
  const order = (orderId: number) => anOrder(orderId, 7, [[3, "123.4567", "confidential"]]);
  await recordOrders(db, [submitted(order(1))]);
  // Its id is taken.
  expect((await recordOrders(db, [submitted(order(1))])).outcomes).toEqual(["duplicate"]);
  const conflict = submitted(anOrder(1, 7, [[4, "123.4567", "confidential"]]));
  expect((await recordOrders(db, [conflict])).outcomes).toEqual(["conflict"]);
  // Its spool row is gone.
  await spoolOrders(db, [{ source: "http", body: Buffer.from("{}") }]);
  const [row] = await db.selectFrom("spool").select("spool_id").execute();
  await db.deleteFrom("spool").execute();
  expect((await recordOrders(db, [submitted(order(2), row?.spool_id)])).outcomes).toEqual(["settled"]);

  const log = readFileSync(join(folder, "postgres.log"), "utf8");
  const shown = ["confidential", "123.4567", "1234567", "370.3701"].filter((content) => log.includes(content));
  expect(shown).toEqual([]);
  expect(log).toContain("Key (order_id)=(1) already exists");
  expect(log).toContain("division by zero");
  expect(log).toContain("insert into orders");
});
