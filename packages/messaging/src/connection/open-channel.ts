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
