import { Agent, type IncomingMessage, request } from "node:http";
import type { Operation, Outcome, Road, Sent } from "./history.ts";

export type Api = { readonly name: string; readonly port: number };

/** The longest time in which a request is answered, or its connection is closed, with anything broken meanwhile. */
const UNANSWERED_AFTER_MS = 45_000;
const WAIT_SECONDS = 3;

/** A client of one API with connections of its own. Every request and what became of it goes to `record`. */
export function openHttpClient(api: Api, record: (operation: Operation) => void) {
  const agent = new Agent({ keepAlive: true });
  const running = new Set<() => void>();

  async function submit(road: Extract<Road, "single" | "wait" | "pedido" | "batch">, lines: readonly Sent[]) {
    const sentAt = Date.now();
    const outcome = await send(road, lines.map(({ text }) => text).join("\n"));
    record({ road, target: api.name, lines, sentAt, endedAt: Date.now(), outcome });
    return outcome;
  }

  function send(road: Road, body: string): Promise<Outcome> {
    return new Promise((resolve) => {
      const end = (outcome: Outcome) => {
        clearTimeout(timer);
        running.delete(abandon);
        resolve(outcome);
        call.destroy();
      };
      const abandon = () => end({ kind: "abandoned" });
      const timer = setTimeout(() => end({ kind: "unanswered" }), UNANSWERED_AFTER_MS);
      const call = request(
        {
          host: "127.0.0.1",
          port: api.port,
          agent,
          method: "POST",
          path: { single: "/v1/orders", wait: "/v1/orders", pedido: "/pedido", batch: "/v1/orders/batch" }[
            String(road)
          ],
          headers: {
            "content-type": road === "batch" ? "application/x-ndjson" : "application/json",
            "content-length": Buffer.byteLength(body),
            ...(road === "wait" ? { prefer: `wait=${WAIT_SECONDS}` } : {}),
          },
        },
        (response) =>
          void readAnswer(response).then((outcome) => {
            clearTimeout(timer);
            running.delete(abandon);
            resolve(outcome);
          }),
      );
      running.add(abandon);
      call.on("error", (error) => end({ kind: "closed", reason: error.message }));
      call.end(body);
    });
  }

  return {
    submit,
    /** Gives up what is still unanswered, and closes the connections. */
    close() {
      for (const abandon of running) abandon();
      agent.destroy();
    },
  };
}

/** Reads an answer to its end, or until its connection is closed. */
export function readAnswer(response: IncomingMessage): Promise<Outcome> {
  const { statusCode: status = 0, headers } = response;
  const head = { status, type: headers["content-type"] ?? "", retryAfter: "retry-after" in headers };
  let body = "";
  response.setEncoding("utf8").on("data", (piece: string) => {
    body += piece;
  });
  return new Promise((resolve) => {
    response.on("error", ({ message }) => resolve({ kind: "closed", reason: message }));
    response.on("end", () => resolve({ kind: "answered", ...head, body }));
  });
}
