import { freshVirtualHost } from "@pedidos/testing";
import { afterEach, expect, test } from "vitest";
import { openConsumer } from "../consuming/open-consumer.ts";
import { ordersMessage } from "../publishing/messages.ts";
import { openPublisher } from "../publishing/open-publisher.ts";
import { collectLog } from "../testing/collect-log.ts";
import { openStranger } from "../testing/open-stranger.ts";
import { relayTo } from "../testing/relay-to.ts";
import { until } from "../testing/until.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test("where queue.bind has no answer, publishing and consuming begin all the same, and the bindings follow", async () => {
  const host = await freshVirtualHost();
  closing.push(host.drop);
  const stranger = await openStranger(host.url);
  closing.push(stranger.close);
  const relay = await swallowBinds(host.url);
  closing.push(relay.close);
  const { log, lines } = collectLog();
  const connection = { url: relay.url, name: "test", log };
  const publisher = openPublisher(connection);
  closing.push(publisher.close);
  const received: string[] = [];
  const consumer = openConsumer({
    ...connection,
    prefetch: 10,
    pedidosQueue: "as-replaced",
    onDelivery({ body, acknowledge }) {
      received.push(String(body));
      acknowledge();
    },
  });
  closing.push(consumer.close);
  await until(() => publisher.status() === "up" && consumer.status() === "up", 5_000);
  expect(relay.binds()).toBeGreaterThan(0);
  expect(await publisher.publish(ordersMessage([{ body: Buffer.from("first"), source: "http" }]))).toBe("confirmed");
  await until(() => received.includes("first"), 5_000);
  await until(() => lines.some((line) => line.includes("binding")), 10_000);
  expect(lines.filter((line) => line.includes("lost the broker"))).toEqual([]);
  const submit = async () => {
    await stranger.do(async (channel) => channel.publish("orders", "order.submitted", Buffer.from("by the exchange")));
    return received.includes("by the exchange");
  };
  expect(await submit()).toBe(false);
  relay.thaw();
  await until(submit, 10_000);
});

const PROTOCOL_HEADER_BYTES = 8;
/** Type, channel, size; and the octet that ends a frame. */
const [FRAME_HEADER_BYTES, FRAME_END_BYTES] = [7, 1];
const METHOD = 1;
const QUEUE_BIND = [50, 20] as const;

/**
 * A way to a broker of which a node is frozen. There `queue.bind` has no answer, nor has anything that follows on
 * its channel, while all other channels work.
 */
async function swallowBinds(url: string) {
  const held: (() => void)[] = [];
  let [isFrozen, binds] = [true, 0];

  const relay = await relayTo(url, (client, broker) => {
    const stuck = new Set<number>();
    const pass = readFrames((frame, channel) => {
      if (isFrozen && isBind(frame)) {
        binds++;
        stuck.add(channel);
      }
      if (isFrozen && stuck.has(channel)) held.push(() => broker.write(frame));
      else broker.write(frame);
    });
    client.on("data", pass);
  });
  return {
    url: relay.url,
    /** How many were swallowed. */
    binds: () => binds,
    /** Passes on what was swallowed, and all that follows. */
    thaw() {
      isFrozen = false;
      for (const write of held.splice(0)) write();
    },
    close: relay.close,
  };
}

function isBind(frame: Buffer): boolean {
  const [classId, methodId] = QUEUE_BIND;
  return (
    frame[0] === METHOD &&
    frame.readUInt16BE(FRAME_HEADER_BYTES) === classId &&
    frame.readUInt16BE(FRAME_HEADER_BYTES + 2) === methodId
  );
}

/** Cuts what a client writes into its frames; the protocol's header is the first of them, on channel 0. */
function readFrames(take: (frame: Buffer, channel: number) => void): (piece: Buffer) => void {
  let unread = Buffer.alloc(0);
  let isHeaderRead = false;
  return (piece) => {
    unread = Buffer.concat([unread, piece]);
    if (!isHeaderRead && unread.length >= PROTOCOL_HEADER_BYTES) {
      isHeaderRead = true;
      take(unread.subarray(0, PROTOCOL_HEADER_BYTES), 0);
      unread = unread.subarray(PROTOCOL_HEADER_BYTES);
    }
    while (isHeaderRead && unread.length >= FRAME_HEADER_BYTES) {
      const bytes = FRAME_HEADER_BYTES + unread.readUInt32BE(3) + FRAME_END_BYTES;
      if (unread.length < bytes) return;
      take(unread.subarray(0, bytes), unread.readUInt16BE(1));
      unread = unread.subarray(bytes);
    }
  };
}
