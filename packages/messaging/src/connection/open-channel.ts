import type { Channel, ChannelModel, ConfirmChannel } from "amqplib";

/** Without a listener amqplib throws a channel's error out of its socket's handler; the call that failed rejects anyway. */
const heard = <Open extends Channel>(channel: Open): Open => channel.on("error", () => {});

/** A channel whose errors reject the call that caused them and close the channel, nothing more. */
export async function openChannel(model: ChannelModel): Promise<Channel> {
  return heard(await model.createChannel());
}

/** As {@link openChannel}, with publisher confirms. */
export async function openConfirmChannel(model: ChannelModel): Promise<ConfirmChannel> {
  return heard(await model.createConfirmChannel());
}

/** Calls `act` with a channel of its own: the broker closes a channel with the call that it refuses. */
export async function onChannel<Result>(
  model: ChannelModel,
  act: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const channel = await openChannel(model);
  try {
    return await act(channel);
  } finally {
    void closeChannel(channel);
  }
}

/** Reports why a channel has closed; the end of a connection, which closes its channels first, is reported by then. */
export function onClosed(channel: Channel, report: (reason: Error) => void): void {
  let reason = new Error("the channel was closed");
  channel.on("error", (error) => {
    reason = error;
  });
  channel.on("close", () => queueMicrotask(() => report(reason)));
}

/**
 * Closes a channel; resolves once the broker has answered, and so has taken all that was written before, or once the
 * connection is gone. (amqplib's own promise never settles in that last case.)
 */
export function closeChannel(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    channel.once("close", () => resolve());
    channel.close().then(resolve, () => resolve());
  });
}
