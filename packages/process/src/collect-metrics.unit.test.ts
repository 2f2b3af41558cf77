import { Registry } from "prom-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { collectBacklog, collectDependencies, collectPools } from "./collect-metrics.ts";

test("the backlog is reported; an unknown value is NaN, or left out", async () => {
  const known = new Registry();
  collectBacklog(known, {
    backlog: async () => ({
      spoolRows: 3,
      spoolSeconds: 1.5,
      deferredRows: 1,
      outboxRows: 2,
      outboxSeconds: 0.5,
      outboxRetries: 1,
    }),
    queueDepths: async () => ({ "orders.intake": { messages: 7 }, pedidos: null }),
  });
  const text = await known.metrics();
  for (const line of [
    "pedidos_spool_rows 3",
    "pedidos_spool_age_seconds 1.5",
    "pedidos_outbox_rows 2",
    "pedidos_outbox_age_seconds 0.5",
    "pedidos_outbox_retry_rows 1",
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

test("pools are reported by name", async () => {
  const registry = new Registry();
  collectPools(registry, { reads: () => ({ used: 2, idle: 1, waiting: 4 }) });
  const lines = (await registry.metrics()).split("\n");
  const pool = 'db_client_connection_pool_name="reads"';
  expect(lines).toContain(`db_client_connection_count{${pool},db_client_connection_state="used"} 2`);
  expect(lines).toContain(`db_client_connection_count{${pool},db_client_connection_state="idle"} 1`);
  expect(lines).toContain(`db_client_connection_pending_requests{${pool}} 4`);
});

test("the age of a queue: the lesser of since it was seen empty, and since what was taken from it last", async () => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ["Date", "performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let [messages, doneUpTo] = [0, 0];
  const registry = new Registry();
  collectBacklog(registry, {
    backlog: () => Promise.reject(new Error("away")),
    queueDepths: async () => ({ "orders.intake": { messages }, pedidos: null }),
    doneUpTo: () => doneUpTo,
  });
  const ageAfter = async (seconds: number) => {
    vi.advanceTimersByTime(seconds * 1_000);
    const lines = (await registry.metrics()).split("\n");
    return lines.filter((line) => line.startsWith("pedidos_queue_age_seconds{"));
  };
  expect(await ageAfter(0)).toEqual(['pedidos_queue_age_seconds{queue="orders.intake"} 0']);
  messages = 3;
  expect(await ageAfter(10)).toEqual(['pedidos_queue_age_seconds{queue="orders.intake"} 10']);
  doneUpTo = 1_000_000 + 25_000;
  expect(await ageAfter(20)).toEqual(['pedidos_queue_age_seconds{queue="orders.intake"} 5']);
});

test("a dependency is up or down; one that is not known is left out", async () => {
  const registry = new Registry();
  collectDependencies(registry, async () => ({ broker: "down", database: "up" }));
  const lines = (await registry.metrics()).split("\n");
  expect(lines).toContain('pedidos_dependency_up{dependency="broker"} 0');
  expect(lines).toContain('pedidos_dependency_up{dependency="database"} 1');
  const unknown = new Registry();
  collectDependencies(unknown, () => Promise.reject(new Error("away")));
  expect(await unknown.metrics()).not.toContain("pedidos_dependency_up{");
});
