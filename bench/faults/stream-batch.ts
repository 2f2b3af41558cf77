import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Operation, Outcome, SentOrder } from "./history.ts";
import type { Api } from "./submit-by-http.ts";

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
      const closed = (error: Error) => resolve({ kind: "closed", reason: error.message });
      call.on("error", closed);
      call.on("response", (response) => {
        isAnswered = true;
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          body += piece;
        });
        response.on("error", closed);
        const { statusCode: status = 0, headers } = response;
        const answer = { status, type: headers["content-type"] ?? "", retryAfter: "retry-after" in headers };
        response.on("end", () => resolve({ kind: "answered", ...answer, body }));
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
