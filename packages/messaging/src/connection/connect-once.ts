import { type ChannelModel, connect, credentials } from "amqplib";
import { brokerAddress } from "./broker-address.ts";

const HEARTBEAT_SECONDS = 5;

export type OnceOptions = {
  /** Shown in the broker's list of connections. */
  readonly name: string;
  /** How long the broker may stay silent while it is being connected to. */
  readonly limitMs: number;
  /** Ends the socket, whatever it is doing. */
  readonly signal: AbortSignal;
};

/**
 * A connection for one look, which recovers from nothing.
 *
 * @throws where the broker is away, silent, or refuses this user
 */
export async function connectOnce(url: string, { name, limitMs, signal }: OnceOptions): Promise<ChannelModel> {
  const address = brokerAddress(url, HEARTBEAT_SECONDS);
  const settings = {
    noDelay: true,
    timeout: limitMs,
    signal,
    credentials: credentials.plain(address.user, address.password),
    clientProperties: { connection_name: name },
  };
  const model = await connect(address.url, settings);
  model.on("error", () => {});
  return model;
}
