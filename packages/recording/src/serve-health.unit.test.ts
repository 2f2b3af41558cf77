import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { allowHosts } from "@pedidos/process";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { serveHealth } from "./serve-health.ts";

test("a page that resolves its own name to this machine reads no metrics; health is polled by any name", async () => {
  const server = serveHealth({
    status: () => ({ database: "up" }),
    isPaused: () => false,
    metrics: new Registry(),
    allowsHost: allowHosts("127.0.0.1", ["consumer"]),
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const ask = (path: string, host: string) =>
    new Promise<IncomingMessage>((resolve, reject) =>
      get({ port, host: "127.0.0.1", path, agent: false, headers: { host } }, (reply) => resolve(reply.resume())).on(
        "error",
        reject,
      ),
    );
  for (const [path, host, status] of [
    ["/metrics", "evil.example:3001", 421],
    ["/nothing", "evil.example", 421],
    ["/metrics", "localhost:3001", 200],
    ["/metrics", "consumer:3001", 200],
    ["/health/live", "evil.example", 200],
    ["/health/ready", "evil.example", 200],
    ["/nothing", "consumer", 404],
  ] as const) {
    const { statusCode, headers } = await ask(path, host);
    expect([path, host, statusCode, headers["x-content-type-options"]]).toEqual([path, host, status, "nosniff"]);
  }
});
