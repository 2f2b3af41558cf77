import { connect } from "node:net";

const PAUSE_MS = 200;

/** What is sent at once, and what comes byte by byte after it. */
export type SlowRequest = readonly [first: string, drops: string];
export type SlowEnd = { readonly answeredAfterMs: number; readonly closedAfterMs: number; readonly answer: string };

/**
 * Opens a connection and sends a request byte by byte, with pauses, for as long as it is let. → when the server ended it,
 * and what it had said.
 */
export function sendSlowly(port: number, [first, drops]: SlowRequest, limitMs: number): Promise<SlowEnd> {
  return new Promise((resolve) => {
    const began = Date.now();
    let answer = "";
    let answeredAfterMs = Number.POSITIVE_INFINITY;
    let sent = 0;
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    const sending = setInterval(() => {
      if (socket.writable && sent < drops.length) socket.write(drops.charAt(sent++));
    }, PAUSE_MS);
    socket.write(first);
    const limit = setTimeout(() => socket.destroy(), limitMs);
    socket.setEncoding("latin1").on("data", (piece) => {
      answer += piece;
      answeredAfterMs = Math.min(answeredAfterMs, Date.now() - began);
    });
    socket.on("end", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(sending);
      clearTimeout(limit);
      resolve({ answeredAfterMs, closedAfterMs: Date.now() - began, answer });
    });
  });
}

const head = (path: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`;

export const SLOW_REQUESTS: Readonly<Record<"headers" | "order" | "pedido", SlowRequest>> = {
  headers: ["", `GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(1_000)}`],
  order: [head("/v1/orders"), " ".repeat(1_000)],
  pedido: [head("/pedido"), " ".repeat(1_000)],
};
