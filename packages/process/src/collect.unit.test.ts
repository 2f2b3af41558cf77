import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { collectBacklog } from "./collect-backlog.ts";
import { collectPools } from "./collect-pools.ts";

test("what waits is told; what is not known is not a number, or left out", async () => {
  const known = new Registry();
  collectBacklog(known, {
    backlog: async () => ({ spoolRows: 3, spoolSeconds: 1.5, outboxRows: 2, outboxSeconds: 0.5 }),
    queueDepths: async () => ({ "orders.intake": 7, pedidos: null }),
  });
  const text = await known.metrics();
  for (const line of [
    "pedidos_spool_rows 3",
    "pedidos_spool_age_seconds 1.5",
    "pedidos_outbox_rows 2",
    "pedidos_outbox_age_seconds 0.5",
    'pedidos_queue_messages{queue="orders.intake"} 7',
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).not.toContain('pedidos"}');
  const unknown = new Registry();
  const away = () => Promise.reject(new Error("away"));
  collectBacklog(unknown, { backlog: away, queueDepths: away });
  const lines = (await unknown.metrics()).split("\n");
  expect(lines).toContain("pedidos_spool_rows Nan");
  expect(lines.filter((line) => line.startsWith("pedidos_queue_messages"))).toEqual([]);
});

test("pools are told by name", async () => {
  const registry = new Registry();
  collectPools(registry, { reads: () => ({ used: 2, idle: 1, waiting: 4 }) });
  const lines = (await registry.metrics()).split("\n");
  const pool = 'db_client_connection_pool_name="reads"';
  expect(lines).toContain(`db_client_connection_count{${pool},db_client_connection_state="used"} 2`);
  expect(lines).toContain(`db_client_connection_count{${pool},db_client_connection_state="idle"} 1`);
  expect(lines).toContain(`db_client_connection_pending_requests{${pool}} 4`);
});
