import { execFile } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findFreePort, freshVirtualHost } from "@pedidos/testing";
import { expect, test } from "vitest";

const run = promisify(execFile);
const index = fileURLToPath(new URL("../index.ts", import.meta.url));

/** A process that opens a publisher and a consumer, closes them after a while, and must then end for want of anything to do. */
async function openAndClose(
  url: string,
  waitMs: number,
): Promise<{ closedMs: number; endedMs: number; output: string }> {
  const program = `
    const { openConsumer, openPublisher } = await import(${JSON.stringify(index)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const url = ${JSON.stringify(url)};
    const publisher = openPublisher({ url, name: "test", log });
    const consumer = openConsumer({ url, name: "test", log, prefetch: 1, pedidosQueue: "as-replaced", onDelivery() {} });
    await new Promise((resolve) => setTimeout(resolve, ${waitMs}));
    const from = performance.now();
    await Promise.all([publisher.close(), consumer.close()]);
    const closed = performance.now();
    process.on("exit", () => console.log(JSON.stringify([publisher.status(), closed - from, performance.now() - closed])));
  `;
  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", program], { timeout: 30_000 });
  const [status, closedMs, endedMs] = JSON.parse(stdout);
  expect(status).toBe("down");
  return { closedMs, endedMs, output: stderr };
}

async function silentServer(): Promise<{ port: number; close(): void }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test("closing leaves nothing behind: connected", async () => {
  const host = await freshVirtualHost();
  try {
    const { closedMs, endedMs, output } = await openAndClose(host.url, 1_500);
    expect(output).toBe("");
    expect(closedMs).toBeLessThan(1_000);
    expect(endedMs).toBeLessThan(200);
  } finally {
    await host.drop();
  }
});

test.each([0, 50, 700])("closing leaves nothing behind: %i ms into connecting again and again", async (waitMs) => {
  const { closedMs, endedMs, output } = await openAndClose(`amqp://127.0.0.1:${await findFreePort()}`, waitMs);
  expect(output).toBe("");
  expect(closedMs).toBeLessThan(500);
  expect(endedMs).toBeLessThan(200);
});

test("closing leaves nothing behind: while a server takes the connection and says nothing", async () => {
  const server = await silentServer();
  try {
    const { closedMs, endedMs, output } = await openAndClose(`amqp://127.0.0.1:${server.port}`, 500);
    expect(output).toBe("");
    expect(closedMs).toBeLessThan(500);
    expect(endedMs).toBeLessThan(200);
  } finally {
    server.close();
  }
});
