import { createServer, type ServerResponse } from "node:http";
import { Customer } from "@pedidos/contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exitCodes } from "./failure.ts";
import { openClient } from "./open-client.ts";

let messages: string[];
beforeEach(() => {
  messages = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => messages.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A port that `fetch` refuses: nobody answers there. */
const NOWHERE = "http://127.0.0.1:9";
const order = { path: "/v1/orders/1" };

/** A server that gives these status codes in turn, the last one from then on. */
const answering = (...statuses: number[]) =>
  serving((response) => {
    const [status = 200] = statuses.length > 1 ? statuses.splice(0, 1) : statuses;
    response.writeHead(status).end("{}");
  });

async function serving(answer: (response: ServerResponse) => void) {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return { url, [Symbol.dispose]: () => void server.close().closeAllConnections() };
}

test("a server that is down is retried for a while, reported once, and then is a failure", async () => {
  const client = openClient({ url: NOWHERE, waits: true, retryLimitMs: 600 });
  const failure = { exitCode: exitCodes.unavailable, message: expect.stringContaining(`${NOWHERE} does not answer`) };
  await Promise.all([1, 2, 3].map(() => expect(client.fetch(order)).rejects.toMatchObject(failure)));
  expect(messages).toEqual([expect.stringMatching(/does not answer \(bad port\)\. Retrying for up to 1 s/)]);
});

test("without waiting it is a failure at once, until it has answered", async () => {
  const away = openClient({ url: NOWHERE, waits: false });
  await expect(away.fetch(order)).rejects.toMatchObject({ exitCode: exitCodes.unavailable });
  expect(messages).toEqual([]);
  using server = await answering(200, 503, 200);
  const client = openClient({ url: server.url, waits: false });
  for (const _ of [1, 2]) expect((await client.fetch(order)).status).toBe(200);
  expect(messages).toEqual([expect.stringContaining("answers 503. Retrying"), `${server.url} answers again.\n`]);
});

test("one that takes its time is reported as awaited", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  using server = await answering(200);
  await openClient({ url: server.url, waits: false }).fetch(order);
  const notice = timers.mock.calls.find(([, ms]) => ms === 1_000)?.[0];
  notice?.();
  expect(messages).toEqual([`${server.url} has not answered yet; waiting for it.\n`]);
});

test("what is no API, and an answer that breaks off, are failures", async () => {
  using page = await serving((response) => void response.end("<!doctype html>"));
  using gateway = await serving((response) => void response.writeHead(404).end("<!doctype html>"));
  using half = await serving((response) => {
    response.writeHead(200, { "content-length": 1000 }).write("{");
    setImmediate(() => response.destroy());
  });
  const read = (url: string) => openClient({ url, waits: false }).read(Customer, order);
  await expect(read(page.url)).rejects.toMatchObject({
    exitCode: exitCodes.refused,
    message: expect.stringContaining("URL"),
  });
  await expect(read(gateway.url)).rejects.toMatchObject({
    exitCode: exitCodes.refused,
    message: expect.stringContaining("answered 404 Not Found"),
  });
  await expect(read(half.url)).rejects.toMatchObject({
    exitCode: exitCodes.unavailable,
    message: expect.stringContaining("The answer broke off"),
  });
});
