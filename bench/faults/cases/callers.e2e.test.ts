import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query } from "../../harness/query.ts";
import { startAll } from "../../harness/start-system.ts";
import { fillOrders } from "../../speed/fill-orders.ts";
import { ATTACKS, type AttackName } from "../callers/attacks.ts";
import { type FaultSystem, startFaultSystem } from "../start-fault-system.ts";

/** Guarantee 9: an attack lasts so long, while another caller sends orders, small ones and some of 110 kB. */
const LASTS_MS = 6_000;
/**
 * The guarantee is 2 s and 512 MiB, which is what is printed to be held against. A busy machine takes longer, and collects
 * later; without the limits it was up to 57 s and 1366 MiB.
 */
const MOST_MS = 8_000;
const PAUSE_MS = 50;
/** The old generation that V8 allows itself in the 512 MiB that compose.yaml gives the API. */
const [MOST_RESIDENT_MB, HEAP_MB] = [768, 256];

let system: FaultSystem;
const agent = new Agent({ keepAlive: true, localAddress: "127.0.0.3" });

beforeAll(async () => {
  system = await startFaultSystem({ start: false, env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` } });
  const { api1, api2, consumer1 } = system.apps;
  await startAll([api1, api2, consumer1]);
  await fillOrders(system.databaseUrl, { orders: 200_000, customers: 1_000 }, () => {});
  await query(
    system.databaseUrl,
    `insert into rejections (first_seen_at, last_seen_at, times, reason, source, errors, body_digest, body)
     select now(), now(), 1, 'invalid_json', 'orders.intake', '[]', decode(md5(n::text), 'hex'),
       convert_to(repeat('x', 1000000) || n, 'utf8')
     from generate_series(1, 20) as n`,
  );
});
afterAll(async () => {
  agent.destroy();
  await system?.remove();
});

type Answered = { readonly status: number | undefined; readonly ms: number };

function submit(port: number, orderId: number, items: number): Promise<Answered> {
  const item = { product: "p".repeat(90), quantity: 1, unitPrice: 1 };
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...{ host: "127.0.0.1", port, agent, method: "POST", path: "/v1/orders" },
      headers: { "content-type": "application/json" },
    });
    outgoing.on("error", reject).on("response", (response) => {
      response.resume().on("end", () => resolve({ status: response.statusCode, ms: performance.now() - began }));
    });
    outgoing.end(JSON.stringify({ orderId, customerId: 7, items: Array(items).fill(item) }));
  });
}

function mostResidentMb(): number {
  const status = readFileSync(`/proc/${system.apps.api1.pid()}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
}

let orderId = 1_000_000;
const names = Object.keys(ATTACKS).filter((name): name is AttackName => name in ATTACKS);

test.skipIf(process.platform !== "linux").each(names)(
  "23: %s: another caller's orders are answered in time, and memory stays within its limit",
  async (name) => {
    const attack = new Worker(new URL("../callers/run-attack.ts", import.meta.url), {
      workerData: { port: system.apps.api1.port, name },
    });
    const { api1, api2 } = system.apps;
    const attacked: Promise<Answered>[] = [];
    const others: Promise<Answered>[] = [];
    for (let n = 0; n < LASTS_MS / PAUSE_MS; n++) {
      const items = n % 5 === 0 ? 850 : 2;
      attacked.push(submit(api1.port, orderId++, items));
      others.push(submit(api2.port, orderId++, items));
      await wait(PAUSE_MS);
    }
    const answers = await Promise.all(attacked);
    const slowestMs = Math.max(...answers.map(({ ms }) => ms));
    const slowestOtherMs = Math.max(...(await Promise.all(others)).map(({ ms }) => ms));
    await attack.terminate();
    const took = `slowest ${slowestMs.toFixed(0)} ms, at the other API ${slowestOtherMs.toFixed(0)} ms`;
    console.log(`${name}: ${took}, most resident ${mostResidentMb().toFixed(0)} MB`);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(slowestMs).toBeLessThan(MOST_MS + slowestOtherMs);
    expect(mostResidentMb()).toBeLessThan(MOST_RESIDENT_MB);
    expect(system.badEnds).toEqual([]);
  },
);
