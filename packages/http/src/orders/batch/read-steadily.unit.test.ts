import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type EndOfReading, type Pace, readSteadily } from "./read-steadily.ts";

const server = createServer();
afterEach(() => void server.close().closeAllConnections());

/** Reads a request that the test writes; → what was read, and why it ended. */
async function read(
  pace: Pace,
  write: (outgoing: ReturnType<typeof request>) => void,
  stopping = new AbortController().signal,
  onPiece = () => {},
) {
  const read = new Promise<{ bytes: number; ended: EndOfReading }>((resolve) => {
    server.removeAllListeners("request").on("request", async (incoming: IncomingMessage) => {
      const pieces = readSteadily(incoming, stopping, pace);
      let bytes = 0;
      for (let next = await pieces.next(); ; next = await pieces.next()) {
        if (next.done) return resolve({ bytes, ended: next.value });
        bytes += next.value.length;
        onPiece();
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ port, host: "127.0.0.1", method: "POST" }).on("error", () => {});
  write(outgoing);
  return await read;
}

const patient: Pace = { idleMs: 10_000, leastBytesPerSecond: 1, graceMs: 10_000 };

test("a whole body, an empty one, one whose client leaves", async () => {
  expect(await read(patient, (out) => out.end("x".repeat(300_000)))).toEqual({ bytes: 300_000, ended: "end" });
  server.close().closeAllConnections();
  expect(await read(patient, (out) => out.end())).toEqual({ bytes: 0, ended: "end" });
  server.close().closeAllConnections();
  const client = Promise.withResolvers<ReturnType<typeof request>>();
  const write = (out: ReturnType<typeof request>) => {
    out.write("abc");
    client.resolve(out);
  };
  const leave = () => void client.promise.then((out) => out.destroy());
  expect(await read(patient, write, undefined, leave)).toEqual({ bytes: 3, ended: "gone" });
});

test("a pause that is too long, and a rate that is too low", async () => {
  const pause = (out: ReturnType<typeof request>) => void out.write("abc");
  expect((await read({ ...patient, idleMs: 100 }, pause)).ended).toBe("too_slow");
  server.close().closeAllConnections();
  const drip = (out: ReturnType<typeof request>) => {
    const timer = setInterval(() => out.write("x"), 20);
    out.on("close", () => clearInterval(timer)).on("error", () => clearInterval(timer));
  };
  expect((await read({ idleMs: 10_000, leastBytesPerSecond: 1_000, graceMs: 200 }, drip)).ended).toBe("too_slow");
});

test("on shutdown it stops in the middle", async () => {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const reading = await read(patient, (out) => void out.write("abc"), stopping.signal, stop);
  expect(reading).toEqual({ bytes: 3, ended: "stopped" });
});
