import type { Socket } from "node:net";
import type { Log } from "@pedidos/process";
import { type ChannelModel, connect } from "amqplib";
import { corkWrites, forgetSockets, resetSocket, resetUnlessClosed, socketOf } from "./amqplib-socket.ts";
import { brokerAddress } from "./broker-address.ts";
import { describeError } from "./broker-error.ts";
import { CLOSE_LIMIT_MS, CONNECT_LIMIT_MS, connectSettings } from "./connect-once.ts";
import { within } from "./within.ts";

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

export type ConnectionOptions = {
  readonly url: string;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly log: Log;
};

/** What is done on each connection. */
export type OnConnection = {
  /**
   * Declares and subscribes; when it throws, the connection is dropped and the next one tried.
   *
   * @param wrote is to be called after each publish or acknowledgement, so that those of a turn leave together
   */
  readonly opened: (model: ChannelModel, wrote: () => void) => Promise<void>;
  /** Called at once when a connection that `opened` has seen is gone. */
  readonly lost: () => void;
};

/**
 * Keeps one connection to the broker for ever, by amqplib's recovery. Does not wait for the broker.
 *
 * @param lastRetryMs the longest pause between two attempts
 */
export function openConnection(
  { url, name, log, lastRetryMs = LAST_RETRY_MS }: ConnectionOptions & { readonly lastRetryMs?: number },
  on: OnConnection,
) {
  const address = brokerAddress(url);
  const ended = new AbortController();
  const { setUp, reset } = guardSetUp(on);
  const connecting = connect(address.url, {
    ...connectSettings(address, { name, limitMs: CONNECT_LIMIT_MS, signal: ended.signal }),
    recovery: { waitForConnect: false, initialDelay: FIRST_RETRY_MS, maxDelay: lastRetryMs, setup: setUp },
  });
  let lastReason: string | undefined;
  const about = { broker: address.label, connection: name };
  void connecting.then((recovering) => {
    recovering.on("error", () => {});
    recovering.on("connect", () => {
      lastReason = undefined;
      log.info(about, "connected to the broker");
    });
    recovering.on("disconnect", (error) => {
      forgetSockets(ended.signal);
      log.warn({ ...about, reason: describeError(error) }, "lost the broker; connecting again");
    });
    recovering.on("connect-failed", (error) => {
      forgetSockets(ended.signal);
      const reason = describeError(error);
      // One line an outage, not one an attempt.
      if (ended.signal.aborted || reason === lastReason) return;
      lastReason = reason;
      log.warn({ ...about, reason }, "could not connect to the broker; trying again");
    });
  });
  return {
    /** Drops the connection now, with all bytes that have not left; the next attempt follows by itself. */
    reset,
    /** Ends it for good, within about a second; leaves no timer and no socket. */
    async close(): Promise<void> {
      const recovering = await connecting;
      await within(CLOSE_LIMIT_MS, recovering.close());
      ended.abort();
    },
  };
}

/** Sets up each connection, and has amqplib notice if one is lost meanwhile or after. */
function guardSetUp(on: OnConnection) {
  let current: Socket | undefined;

  async function setUp(model: ChannelModel): Promise<void> {
    model.on("error", () => {}); // "close" follows each error, with its reason
    const socket = socketOf(model);
    let lostBy: Error | undefined;
    const closed = new Promise<void>((resolve) => {
      model.on("close", (error) => {
        lostBy = error ?? new Error("the connection was closed");
        if (current === socket) current = undefined;
        on.lost();
        resetUnlessClosed(socket);
        resolve();
      });
    });
    current = socket;
    try {
      await Promise.race([on.opened(model, corkWrites(socket)), closed]);
      // amqplib would not notice that the connection was lost in here, and take it for a good one.
      if (lostBy !== undefined) throw lostBy;
    } catch (error) {
      const reason = lostBy ?? error;
      // amqplib now closes the connection, and would wait for ever should it die meanwhile; so it is made to be dead.
      resetSocket(socket, new Error("setting up failed"));
      await closed;
      throw reason;
    }
  }
  function reset(reason: Error): void {
    if (current !== undefined) resetSocket(current, reason);
  }
  return { setUp, reset };
}
