import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { measureRequests } from "./observe-requests.ts";

test("buckets are cumulative, by route and status", async () => {
  const registry = new Registry();
  const count = measureRequests(registry)("GET", "/v1/orders/:orderId");
  count(200, 0.5);
  count(200, 3);
  count(200, 60_000);
  count(404, 3);
  const text = await registry.metrics();
  const of = (rest: string) => `http_server_request_duration_seconds_${rest}`;
  const labels = 'http_request_method="GET",http_route="/v1/orders/:orderId",http_response_status_code="200"';
  for (const line of [
    `${of("bucket")}{le="0.001",${labels}} 1`,
    `${of("bucket")}{le="0.0025",${labels}} 1`,
    `${of("bucket")}{le="0.005",${labels}} 2`,
    `${of("bucket")}{le="30",${labels}} 2`,
    `${of("bucket")}{le="+Inf",${labels}} 3`,
    `${of("count")}{${labels}} 3`,
    `${of("count")}{${labels.replace("200", "404")}} 1`,
  ])
    expect(text.split("\n")).toContain(line);
});
