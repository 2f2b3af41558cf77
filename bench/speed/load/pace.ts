import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import { openWriter } from "../write-order.ts";
import type { Load, Loaded } from "./load.ts";

/** More than are ever in flight at a load that is bearable, so that none waits for a connection. */
const CONNECTIONS = 512;

/**
 * Sends each request at its own time, evenly spaced, and counts its latency from that time: what piles up behind a slow
 * answer, here or there, counts.
 */
export async function pace(load: Extract<Load, { kind: "paced" }>): Promise<Loaded> {
  const { warmUpSeconds, seconds, perSecond } = load;
  const sender = openSender(load, CONNECTIONS);
  const count = Math.round((warmUpSeconds + seconds) * perSecond);
  const sending: Promise<void>[] = [];
  const latencies: number[] = [];
  const began = performance.now();
  let [accepted, failed] = [0, 0];
  for (let sent = 0; sent < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1_000) * perSecond) + 1);
    for (; sent < due; sent++) {
      const intended = began + (sent / perSecond) * 1_000;
      const isMeasured = sent >= warmUpSeconds * perSecond;
      sending.push(
        sender.send().then((status) => {
          if (status < 300) accepted++;
          else failed++;
          if (isMeasured) latencies.push(performance.now() - intended);
        }),
      );
    }
    await wait(1);
  }
  await Promise.all(sending);
  await sender.close();
  return { perSecond: latencies.length / seconds, latencies, failed, accepted };
}

/** Sends one after the other. */
export async function sendInARow(load: Extract<Load, { kind: "in a row" }>): Promise<Loaded> {
  const sender = openSender(load, 1);
  const latencies: number[] = [];
  let [accepted, failed, totalMs] = [0, 0, 0];
  for (let sent = 0; sent < load.warmUpRequests + load.requests; sent++) {
    const began = performance.now();
    const status = await sender.send();
    const tookMs = performance.now() - began;
    if (status < 300) accepted++;
    else failed++;
    if (sent < load.warmUpRequests) continue;
    latencies.push(tookMs);
    totalMs += tookMs;
  }
  await sender.close();
  return { perSecond: (latencies.length * 1_000) / totalMs, latencies, failed, accepted };
}

/** `send` → the status of the answer, or 599 if there was none. */
function openSender({ url, firstId, itemCount, headers }: Load, connections: number) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const write = openWriter(itemCount);
  const allHeaders = { "content-type": "application/json", ...headers };
  let id = firstId;
  return {
    send: () =>
      new Promise<number>((resolve) => {
        let status = 599;
        pool.dispatch(
          { method: "POST", path: pathname, headers: allHeaders, body: write(id++) },
          {
            onRequestStart() {},
            onResponseStart(_controller, code) {
              status = code;
            },
            onResponseData() {},
            onResponseEnd: () => resolve(status),
            onResponseError: () => resolve(599),
          },
        );
      }),
    close: () => pool.close(),
  };
}
