/** Upper bounds, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];
const NAME = "http_server_request_duration_seconds";

type Counts = { readonly buckets: Uint32Array; count: number; seconds: number };

export type RequestMetrics = {
  /** Call it once a route; what it gives back counts one answer, by its status and its milliseconds, and costs next to nothing. */
  countsOf(method: string, route: string): (status: number, ms: number) => void;
  /** → a histogram in the Prometheus text form. */
  write(): string;
};

/** Counts requests by method, route and status, and how long they took, by OpenTelemetry's names. */
export function openRequestMetrics(): RequestMetrics {
  const routes: { readonly labels: string; readonly statuses: Map<number, Counts> }[] = [];
  return {
    countsOf(method, route) {
      const statuses = new Map<number, Counts>();
      routes.push({ labels: `http_request_method="${method}",http_route="${route}"`, statuses });
      return (status, ms) => {
        let counts = statuses.get(status);
        if (counts === undefined) {
          counts = { buckets: new Uint32Array(BOUNDS.length), count: 0, seconds: 0 };
          statuses.set(status, counts);
        }
        const seconds = ms / 1_000;
        counts.count++;
        counts.seconds += seconds;
        const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
        const before = counts.buckets[bucket];
        if (before !== undefined) counts.buckets[bucket] = before + 1;
      };
    },
    write() {
      const lines = [`# HELP ${NAME} How long requests took until their answer was out.`, `# TYPE ${NAME} histogram`];
      for (const { labels, statuses } of routes)
        for (const [status, counts] of statuses)
          lines.push(...writeCounts(`${labels},http_response_status_code="${status}"`, counts));
      return `${lines.join("\n")}\n`;
    },
  };
}

function writeCounts(labels: string, { buckets, count, seconds }: Counts): string[] {
  let sum = 0;
  const lines = BOUNDS.map((bound, index) => {
    sum += buckets[index] ?? 0;
    return `${NAME}_bucket{${labels},le="${bound}"} ${sum}`;
  });
  lines.push(`${NAME}_bucket{${labels},le="+Inf"} ${count}`);
  lines.push(`${NAME}_sum{${labels}} ${seconds}`, `${NAME}_count{${labels}} ${count}`);
  return lines;
}
