import { type ChannelModel, connect, credentials } from "amqplib";
import { type BrokerAddress, brokerAddress } from "./broker-address.ts";
import { within } from "./within.ts";

export type ConnectOptions = {
  /** Shown in the broker's list of connections. */
  readonly name: string;
  /** How long the broker may stay silent while it is being connected to. */
  readonly limitMs: number;
  /** Ends the socket in any state; those too that amqplib is still connecting, which it does not hand out. */
  readonly signal: AbortSignal;
};

export const CONNECT_LIMIT_MS = 5_000;
/** How long closing waits for the broker's answer. */
export const CLOSE_LIMIT_MS = 1_000;

/** → amqplib's settings. */
export function connectSettings({ user, password }: BrokerAddress, { name, limitMs, signal }: ConnectOptions) {
  return {
    noDelay: true,
    timeout: limitMs,
    signal,
    credentials: credentials.plain(user, password),
    clientProperties: { connection_name: name },
  };
}

/**
 * Opens a connection for a single use, which recovers from nothing.
 *
 * @throws if the broker is away, silent, or refuses this user
 */
export async function connectOnce(url: string, options: ConnectOptions): Promise<ChannelModel> {
  const address = brokerAddress(url);
  const model = await connect(address.url, connectSettings(address, options));
  model.on("error", () => {});
  return model;
}

/**
 * Calls `act` with a connection for this single use, and closes it. All of it may take `limitMs`; `act` may have more with
 * `allow`, so long from then on.
 *
 * @throws as `act` and {@link connectOnce}, or if the time is over
 */
export async function onConnection<Result>(
  url: string,
  { name, limitMs }: Omit<ConnectOptions, "signal">,
  act: (model: ChannelModel, allow: (ms: number) => void) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const late = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  function allow(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => late.reject(new Error(`the broker took over ${ms} ms`)), ms);
  }
  async function work(): Promise<Result> {
    const model = await connectOnce(url, { name, limitMs, signal: ending.signal });
    const result = await act(model, allow);
    // A broker that takes no publishes does not answer a close.
    await within(CLOSE_LIMIT_MS, model.close());
    return result;
  }
  allow(limitMs);
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}
