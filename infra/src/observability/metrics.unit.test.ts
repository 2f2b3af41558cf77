import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accessFrom, openApi } from "@pedidos/http";
import type { Log } from "@pedidos/process";
import { openRecorderMetrics } from "@pedidos/recording";
import { Registry } from "prom-client";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

const REPOSITORY = join(import.meta.dirname, "../../..");
const OBSERVABILITY = join(REPOSITORY, "infra/observability");
const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
type Json = Record<string, unknown>;
const object = (value: unknown): Json => (typeof value === "object" && value !== null ? { ...value } : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);

const groups = list(object(parse(read("infra/observability/alerts.yml"))).groups);
const alerts = groups.flatMap((group) => list(group.rules));
const dashboards = readdirSync(join(OBSERVABILITY, "grafana/dashboards")).map((file) =>
  object(JSON.parse(read(`infra/observability/grafana/dashboards/${file}`))),
);
const panels = dashboards.flatMap((dashboard) => list(dashboard.panels));
const queries = [
  ...alerts.map(({ expr }) => String(expr)),
  ...panels.flatMap((panel) => list(panel.targets).map(({ expr }) => String(expr))),
];

/** Metrics of other programs: RabbitMQ's own, Prometheus's node exporter, and what Prometheus makes itself. */
const OTHERS = new Set([
  "rabbitmq_alarms_free_disk_space_watermark",
  "rabbitmq_alarms_memory_used_watermark",
  "node_filesystem_avail_bytes",
  "node_filesystem_size_bytes",
  "up",
]);

/** → the names of metrics in a query: words that are no function, no label and no keyword. */
function metricsIn(query: string): string[] {
  const bare = query
    .replace(/"[^"]*"/g, "")
    .replace(/\{[^}]*\}/g, " ")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\boffset \w+/g, " ")
    .replace(/\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const words = bare.match(/[a-zA-Z_][\w:]*(?!\w|\s*\()/g) ?? [];
  return words.filter((word) => !["and", "or", "unless", "bool"].includes(word));
}

/** What `/metrics` of API and consumer report, all of it registered before either server is reached. */
async function servedMetrics(): Promise<string> {
  const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
  const metrics = new Registry();
  openRecorderMetrics(metrics);
  const { app, close } = openApi({
    connectionString: "postgres://127.0.0.1:1/none",
    broker: {
      publish: async () => "unavailable",
      status: () => "down",
      depths: async () => ({
        "orders.intake": { messages: 0, consumers: 0 },
        pedidos: null,
        "orders.dead-letter": { messages: 0, consumers: 0 },
      }),
      unconfirmed: () => 0,
      deadLetters: { read: async () => "unavailable", take: async () => "unavailable" },
      requeue: async () => "unavailable",
      close: async () => {},
    },
    access: accessFrom({
      HOST: "127.0.0.1",
      ALLOWED_HOSTS: undefined,
      CORS_ORIGINS: undefined,
      TRUSTED_PROXIES: undefined,
      ANONYMOUS_SCOPES: new Set(["metrics:read"]),
      API_KEYS_FILE: undefined,
      RATE_LIMIT: undefined,
      SESSION_SECRET: undefined,
      BASE_PATH: undefined,
    }),
    metrics,
    log,
  });
  try {
    return (await app.inject("/metrics")).payload;
  } finally {
    await close();
  }
}

describe("metrics", () => {
  let served: string;
  let names: Set<string>;
  beforeAll(async () => {
    served = await servedMetrics();
    names = new Set(
      [...served.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = "", type]) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
  });

  test("every metric of an alert or a dashboard is one that the apps report, or another program's", () => {
    const asked = new Set(queries.flatMap(metricsIn));
    expect(asked.size).toBeGreaterThan(20);
    expect([...asked].filter((name) => !names.has(name) && !OTHERS.has(name))).toEqual([]);
    // The docs name other programs' metrics.
    for (const name of OTHERS) if (name !== "up") expect(read("docs/metrics.md")).toContain(name);
  });

  test("docs/metrics.md describes every metric of ours, and none that does not exist", () => {
    const known = [...served.matchAll(/^# TYPE ((?:pedidos|http|db)_\S+)/gm)].map(([, name]) => name);
    const told = [...read("docs/metrics.md").matchAll(/`((?:pedidos|http_server|db_client)_\w+)`/g)].map(
      ([, name]) => name,
    );
    const labels = ["db_client_connection_pool_name", "db_client_connection_state"];
    expect(new Set(told.filter((name = "") => !labels.includes(name)))).toEqual(new Set(known));
  });
});

describe("alerts", () => {
  const operations = read("docs/operations.md");
  const headings = new Set(
    [...operations.matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) =>
      text
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .trim()
        .replace(/\s+/g, "-"),
    ),
  );

  test.each(alerts.map(({ alert, ...rest }) => [String(alert), rest] as const))("%s has its runbook", (name, alert) => {
    const { runbook, summary } = object(alert.annotations);
    expect(summary).toBeTypeOf("string");
    expect(runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
    expect(headings).toContain(name.toLowerCase());
    expect(object(alert.labels).severity).toMatch(/^(page|ticket)$/);
  });

  test("each is tested by alerts.test.yml, and no runbook is left of one that is gone", () => {
    const tests = read("infra/observability/alerts.test.yml");
    const names = alerts.map(({ alert }) => String(alert));
    for (const name of names) expect(tests).toContain(`"${name}"`);
    const sections = [...operations.matchAll(/^### (Pedidos\w+)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual([...names].sort());
  });
});

test("the page of every panel names a datasource that is provisioned, and no id twice", () => {
  const { datasources } = object(parse(read("infra/observability/grafana/provisioning/datasources/prometheus.yaml")));
  const known = list(datasources).map(({ uid }) => uid);
  for (const panel of panels) if (panel.type !== "row") expect(known).toContain(object(panel.datasource).uid);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
