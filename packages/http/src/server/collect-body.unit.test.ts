import { connect } from "node:net";
import Fastify from "fastify";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerJson, isRefusal, refuse } from "./answer.ts";
import { collectBody } from "./collect-body.ts";
import { limitCallers } from "./limit-callers.ts";

const app = Fastify();
/** A body of 1 s at the most, which has 100 ms, and 1 s more for each 100 bytes. */
const [LIMITS, PACE] = [
  { maxBytes: 1_000, timeoutMs: 1_000 },
  { graceMs: 100, leastBytesPerSecond: 100 },
];

beforeAll(async () => {
  limitCallers(app, new Registry());
  app.decorateRequest("actor", { getter: () => null });
  app.decorate("stopping", { getter: () => new AbortController().signal });
  app.addHttpMethod("POST", { hasBody: false, overrideExisting: true });
  app.post("/", async (_request, reply) => {
    const body = await collectBody(reply, LIMITS, PACE);
    return isRefusal(body) ? refuse(reply, body) : answerJson(reply, 200, body.length);
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

/** Sends a part of a body, and the rest later. → the status, and after how many ms it came. */
async function send(bytes: number, sent: number, restAfterMs?: number) {
  const began = performance.now();
  const socket = connect(Number(new URL(app.listeningOrigin).port), "127.0.0.1");
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n${"x".repeat(sent)}`);
  if (restAfterMs !== undefined) setTimeout(() => socket.write("x".repeat(bytes - sent)), restAfterMs);
  const status = await new Promise<number>((resolve) =>
    socket.once("data", (text) => resolve(Number(text.toString("latin1", 9, 12)))),
  );
  socket.destroy();
  return { status, tookMs: performance.now() - began };
}

test("a body that stalls is cut, the later the more of it has arrived, and within its time at the latest", async () => {
  const [nothing, some, most] = await Promise.all([send(64, 0), send(64, 40), send(1_000, 999)]);
  expect([nothing.status, some.status, most.status]).toEqual([408, 408, 408]);
  expect(some.tookMs - nothing.tookMs).toBeGreaterThan(200);
  expect(most.tookMs).toBeGreaterThan(950);
});

test("one that arrives in pieces, but in time, is taken", async () => {
  expect(await send(64, 63, 300)).toMatchObject({ status: 200 });
});
