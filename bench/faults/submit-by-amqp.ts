import type { ConfirmChannel } from "amqplib";
import type { Operation, Outcome, Sent } from "./history.ts";
import { stayConnected } from "./stay-connected.ts";

/** A producer of another team: publishes to the exchange `orders`, mandatory and persistent, and waits for the confirm. */
export function openAmqpClient(url: string, record: (operation: Operation) => void) {
  let channel: ConfirmChannel | undefined;
  const pending = new Map<string, (outcome: Outcome) => void>();
  const returned = new Set<string>();
  let sent = 0;

  const connection = stayConnected(url, {
    async opened(model) {
      const opened = await model.createConfirmChannel();
      opened.on("error", () => {});
      opened.on("close", () => model.close().catch(() => {}));
      opened.on("return", ({ properties }) => void returned.add(String(properties.messageId)));
      channel = opened;
    },
    lost() {
      channel = undefined;
      for (const settle of pending.values()) settle({ kind: "unconfirmed", reason: "the connection was lost" });
      pending.clear();
    },
  });

  /** → undefined if there is no connection to publish on. */
  async function submit(lines: readonly Sent[], lineEnd: string): Promise<Outcome | undefined> {
    const on = channel;
    if (on === undefined) return undefined;
    const id = String(sent++);
    const road = lines.length === 1 ? "message" : "lines";
    const sentAt = Date.now();
    const outcome = await new Promise<Outcome>((resolve) => {
      pending.set(id, resolve);
      const settled = (error: unknown) => {
        pending.delete(id);
        const isReturned = returned.delete(id);
        if (error) resolve({ kind: "unconfirmed", reason: String(error) });
        else resolve({ kind: isReturned ? "returned" : "confirmed" });
      };
      try {
        on.publish(
          "orders",
          "order.submitted",
          Buffer.from(lines.map(({ text }) => text).join(lineEnd)),
          {
            persistent: true,
            mandatory: true,
            messageId: id,
            ...(road === "lines" ? { contentType: "application/x-ndjson" } : {}),
          },
          settled,
        );
      } catch (error) {
        settled(error);
      }
    });
    record({ road, target: "rabbitmq", lines, sentAt, endedAt: Date.now(), outcome });
    return outcome;
  }

  return { submit, close: connection.close };
}
