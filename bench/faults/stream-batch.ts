import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Operation, Outcome, SentOrder } from "./history.ts";
import { type Api, readAnswer } from "./submit-by-http.ts";

const PAUSE_MS = 20;

/** A client that writes its batches line by line, each a while after the other, and stops writing once it is answered. */
export function openStreamingClient(api: Api, record: (operation: Operation) => void) {
  const agent = new Agent({ keepAlive: true });

  async function submit(lines: readonly SentOrder[]): Promise<Outcome> {
    const sentAt = Date.now();
    const outcome = await stream(lines);
    record({ road: "batch", target: api.name, lines, sentAt, endedAt: Date.now(), outcome });
    return outcome;
  }

  function stream(lines: readonly SentOrder[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const call = request({
        host: "127.0.0.1",
        port: api.port,
        agent,
        method: "POST",
        path: "/v1/orders/batch",
        headers: { "content-type": "application/x-ndjson" },
      });
      let isAnswered = false;
      call.on("error", ({ message }) => resolve({ kind: "closed", reason: message }));
      call.on("response", (response) => {
        isAnswered = true;
        resolve(readAnswer(response));
      });
      void (async () => {
        for (const { text } of lines) {
          if (isAnswered || call.destroyed) break;
          call.write(`${text}\n`);
          await wait(PAUSE_MS);
        }
        call.end();
      })();
    });
  }

  return { submit, close: () => agent.destroy() };
}
