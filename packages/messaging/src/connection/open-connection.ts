import { getEventListeners } from "node:events";
import { Socket } from "node:net";
import type { Log } from "@pedidos/process";
import { type ChannelModel, connect, credentials } from "amqplib";
import { brokerAddress } from "./broker-address.ts";
import { describeError } from "./describe-error.ts";

/** amqplib notices a silent broker after two to three of these: within 15 s. */
const HEARTBEAT_SECONDS = 5;
/** How long a broker may stay silent while it is being connected to. */
const CONNECT_TIMEOUT_MS = 5_000;
/** How long closing waits for the broker's answer. */
const CLOSE_LIMIT_MS = 1_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

export type ConnectionOptions = {
  readonly url: string;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly log: Log;
  /** The longest pause between two attempts. */
  readonly lastRetryMs?: number;
};

/** What is done on each connection. */
export type OnConnection = {
  /** Declares and subscribes; when it throws, the connection is dropped and the next one tried. */
  readonly opened: (model: ChannelModel, socket: Socket) => Promise<void>;
  /** Told at once when a connection that `opened` has seen is gone. */
  readonly lost: () => void;
};

export type BrokerConnection = {
  /** Drops the connection now, with all bytes that have not left; the next attempt follows by itself. */
  readonly reset: (reason: Error) => void;
  /** Ends it for good, within about a second; leaves no timer and no socket. */
  readonly close: () => Promise<void>;
};

/** Keeps one connection to the broker for ever, by amqplib's recovery. Does not wait for the broker. */
export function openConnection(options: ConnectionOptions, on: OnConnection): BrokerConnection {
  const { log } = options;
  const address = brokerAddress(options.url, HEARTBEAT_SECONDS);
  const broker = address.label;
  const ended = new AbortController();
  let current: Socket | undefined;
  let told: string | undefined;

  async function setUp(model: ChannelModel): Promise<void> {
    model.on("error", () => {}); // "close" follows each error, with its reason
    const socket = socketOf(model);
    let lostBy: Error | undefined;
    const closed = new Promise<void>((resolve) => {
      model.on("close", (error) => {
        lostBy = error ?? new Error("the connection was closed");
        if (current === socket) current = undefined;
        on.lost();
        letGo(socket);
        resolve();
      });
    });
    current = socket;
    try {
      await Promise.race([on.opened(model, socket), closed]);
      // amqplib would not notice that the connection was lost in here, and take it for a good one.
      if (lostBy !== undefined) throw lostBy;
    } catch (error) {
      const reason = lostBy ?? error;
      // amqplib now closes the connection, and would wait for ever should it die meanwhile; so it is made to be dead.
      reset(socket, new Error("setting up failed"));
      await closed;
      throw reason;
    }
  }

  const settings = {
    noDelay: true,
    timeout: CONNECT_TIMEOUT_MS,
    // Reaches the sockets that amqplib is still connecting, which it does not hand out.
    signal: ended.signal,
    credentials: credentials.plain(address.user, address.password),
    clientProperties: { connection_name: options.name },
    recovery: {
      waitForConnect: false,
      initialDelay: FIRST_RETRY_MS,
      maxDelay: options.lastRetryMs ?? LAST_RETRY_MS,
      setup: setUp,
    },
  };
  const connecting = connect(address.url, settings);
  void connecting.then((recovering) => {
    recovering.on("error", () => {});
    recovering.on("connect", () => {
      told = undefined;
      log.info({ broker, connection: options.name }, "connected to the broker");
    });
    recovering.on("disconnect", (error) => {
      forgetSockets(ended.signal);
      log.warn({ broker, connection: options.name, reason: describeError(error) }, "lost the broker; connecting again");
    });
    recovering.on("connect-failed", (error) => {
      forgetSockets(ended.signal);
      if (ended.signal.aborted) return;
      const reason = describeError(error);
      // One line an outage, not one an attempt.
      if (reason !== told)
        log.warn({ broker, connection: options.name, reason }, "could not connect to the broker; trying again");
      told = reason;
    });
  });

  return {
    reset: (reason) => {
      if (current !== undefined) reset(current, reason);
    },
    async close() {
      const recovering = await connecting;
      await within(CLOSE_LIMIT_MS, recovering.close());
      ended.abort();
    },
  };
}

/** The socket under a connection: amqplib keeps it at `connection.stream`, which its types leave out. */
function socketOf(model: ChannelModel): Socket {
  const stream: unknown = Reflect.get(model.connection, "stream");
  if (!(stream instanceof Socket)) throw new Error("amqplib does not keep its socket at connection.stream any more");
  return stream;
}

/**
 * Destroys a socket with a TCP reset, so that what it still holds is never delivered, and tells amqplib, which listens
 * for errors but not for the end of a destroyed socket. TLS has no reset: there it is closed, its last bytes may arrive.
 */
function reset(socket: Socket, reason: Error): void {
  if (socket.destroyed) return;
  if ("encrypted" in socket) {
    socket.destroy(reason);
    return;
  }
  socket.resetAndDestroy();
  socket.emit("error", reason);
}

/** amqplib only half-closes a socket whose peer has gone silent: the rest of it would stay, and be sent on a thaw. */
function letGo(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => reset(socket, new Error("the broker did not close its side")), CLOSE_LIMIT_MS);
  timer.unref();
  socket.unref();
  socket.once("close", () => clearTimeout(timer));
}

/** Node never takes a closed socket's listener off the signal it was made with: one would stay for each attempt. */
function forgetSockets(signal: AbortSignal): void {
  for (const listener of getEventListeners(signal, "abort"))
    Reflect.apply(signal.removeEventListener, signal, ["abort", listener]);
}

/** Waits for a promise, but not longer than `limitMs`. → whether it settled. */
export async function within(limitMs: number, promise: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), limitMs);
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
