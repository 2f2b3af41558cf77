import { expect, test } from "vitest";
import { openRequestMetrics } from "./request-metrics.ts";

test("buckets are cumulative, by route and status", () => {
  const metrics = openRequestMetrics();
  const count = metrics.countsOf("GET", "/v1/orders/:orderId");
  count(200, 0.5);
  count(200, 3);
  count(200, 60_000);
  count(404, 3);
  const text = metrics.write();
  const of = (rest: string) => `http_server_request_duration_seconds_${rest}`;
  const labels = 'http_request_method="GET",http_route="/v1/orders/:orderId",http_response_status_code="200"';
  for (const line of [
    `${of("bucket")}{${labels},le="0.001"} 1`,
    `${of("bucket")}{${labels},le="0.0025"} 1`,
    `${of("bucket")}{${labels},le="0.005"} 2`,
    `${of("bucket")}{${labels},le="30"} 2`,
    `${of("bucket")}{${labels},le="+Inf"} 3`,
    `${of("count")}{${labels}} 3`,
    `${of("count")}{${labels.replace("200", "404")}} 1`,
  ])
    expect(text.split("\n")).toContain(line);
});
