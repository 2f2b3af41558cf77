import autocannon from "autocannon";
import { openWriter } from "../write-order.ts";
import type { Load, Loaded } from "./load.ts";

type OnProgress = (accepted: number, measuring: boolean) => void;
const REPORT_EVERY_MS = 100;

/** Sends as much as is answered, by autocannon. Latencies mean nothing then, and are left out. */
export async function saturate(load: Extract<Load, { kind: "saturating" }>, onProgress: OnProgress): Promise<Loaded> {
  const write = openWriter(load.itemCount);
  let [id, accepted, isMeasuring] = [load.firstId, 0, false];
  const reporting = setInterval(() => onProgress(accepted, isMeasuring), REPORT_EVERY_MS);

  const options = {
    url: load.url,
    connections: load.connections,
    requests: [
      {
        method: "POST" as const,
        headers: { "content-type": "application/json", ...load.headers },
        setupRequest(request: autocannon.Request) {
          request.body = write(id++);
          return request;
        },
      },
    ],
  };
  function run(seconds: number): Promise<autocannon.Result> {
    return new Promise((resolve, reject) => {
      const instance = autocannon({ ...options, duration: seconds }, (error, result) =>
        error ? reject(error) : resolve(result),
      );
      instance.on("response", (_client, status) => {
        if (status < 300) accepted++;
      });
    });
  }

  if (load.warmUpSeconds > 0) await run(load.warmUpSeconds);
  isMeasuring = true;
  const began = performance.now();
  const before = accepted;
  const result = await run(load.seconds);
  const seconds = (performance.now() - began) / 1_000;
  clearInterval(reporting);
  const failed = result.non2xx + result.errors + result.timeouts;
  return { perSecond: (accepted - before) / seconds, latencies: [], failed, accepted };
}
