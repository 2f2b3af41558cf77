import { setTimeout as wait } from "node:timers/promises";
import { relayTo } from "./relay-to.ts";

/** For tests: a slow way to a broker; what each connection writes arrives at so many bytes a second. */
export function throttleLine(url: string, bytesPerSecond: number): ReturnType<typeof relayTo> {
  return relayTo(url, (client, broker) => {
    void (async () => {
      for await (const piece of client) {
        broker.write(piece);
        await wait((piece.length / bytesPerSecond) * 1_000);
      }
    })().catch(() => {});
  });
}
