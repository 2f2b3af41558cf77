import { type Channel, connect } from "amqplib";

/** Another program at the same broker: one connection, a channel for each call. What it publishes is confirmed. */
export async function openStranger(url: string) {
  const model = await connect(url);
  model.on("error", () => {});
  return {
    async do<Result>(act: (channel: Channel) => Promise<Result>): Promise<Result> {
      const channel = await model.createConfirmChannel();
      channel.on("error", () => {});
      const result = await act(channel);
      await channel.waitForConfirms();
      await channel.close();
      return result;
    },
    close: () => model.close().catch(() => {}),
  };
}
