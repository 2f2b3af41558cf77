import { createServer, type Server, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import type { Recorder } from "./open-recorder.ts";

export type HealthOptions = {
  readonly status: Recorder["status"];
  readonly isPaused: Recorder["isPaused"];
  readonly metrics: Pick<Registry, "metrics" | "contentType">;
  /** A page whose own name resolves to this machine asks for another one. Health is reported under any. */
  readonly allowsHost: (host: string) => boolean;
};

/** `/health/live`, `/health/ready` and `/metrics` of a process that serves nothing else. */
export function serveHealth({ status, isPaused, metrics, allowsHost }: HealthOptions): Server {
  return createServer(
    { requestTimeout: 10_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      const path = request.url?.split("?", 1)[0];
      const { host } = request.headers;
      if (host !== undefined && !allowsHost(host) && path?.startsWith("/health/") !== true)
        answer(response, 421, MISDIRECTED);
      else if (request.method !== "GET" && request.method !== "HEAD")
        answer(response, 405, { status: 405, title: "Method Not Allowed" });
      else if (path === "/health/live") answer(response, 200, { status: "live" });
      else if (path === "/health/ready") ready(response, status(), isPaused());
      else if (path === "/metrics") void scrape(response, metrics);
      else answer(response, 404, { status: 404, title: "Not Found" });
    },
  );
}

/** Without the database nothing can be recorded; without the broker the spool still is. */
function ready(response: ServerResponse, dependencies: ReturnType<Recorder["status"]>, isPaused: boolean): void {
  const status =
    dependencies.database === "down" ? "unavailable" : dependencies.broker === "down" ? "degraded" : "ready";
  answer(response, status === "unavailable" ? 503 : 200, { status, dependencies, ...(isPaused && PAUSED) });
}

const MISDIRECTED = {
  status: 421,
  title: "Misdirected Request",
  detail: "The header Host names a host that is not served here. If it should be, add its name to ALLOWED_HOSTS.",
};
const PAUSED = { consuming: "paused" };

async function scrape(response: ServerResponse, metrics: HealthOptions["metrics"]): Promise<void> {
  const text = await metrics.metrics();
  response.writeHead(200, { ...PROTECTION, "content-type": metrics.contentType }).end(text);
}

function answer(response: ServerResponse, code: number, body: object): void {
  const type = code < 400 || code === 503 ? "application/json" : "application/problem+json";
  const headers = { ...PROTECTION, "content-type": type, "cache-control": "no-store" };
  response.writeHead(code, headers).end(JSON.stringify(body));
}

/** Browsers neither guess another type for an answer, nor show it in another page. */
const PROTECTION = { "x-content-type-options": "nosniff", "content-security-policy": "frame-ancestors 'none'" };
