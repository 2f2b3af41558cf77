import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { collectLog } from "../testing/collect-log.ts";
import { until } from "../testing/until.ts";
import { openConnection } from "./open-connection.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

test("an outage of any length holds no memory: the sockets of past attempts are released", async () => {
  const sockets: WeakRef<object>[] = [];
  const seen = (message: unknown) => {
    if (typeof message === "object" && message !== null && "socket" in message && message.socket instanceof Object)
      sockets.push(new WeakRef(message.socket));
  };
  subscribe("net.client.socket", seen);
  const { log } = collectLog();
  const connection = openConnection(
    { url: "amqp://127.0.0.1:1", name: "test", log, lastRetryMs: 1 },
    { opened: async () => {}, lost: () => {} },
  );
  try {
    await until(() => sockets.length > 15, 10_000);
    await until(() => {
      collectGarbage();
      return sockets.filter((socket) => socket.deref() !== undefined).length < 5;
    }, 20_000);
  } finally {
    unsubscribe("net.client.socket", seen);
    await connection.close();
  }
  const made = sockets.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sockets).toHaveLength(made);
});
