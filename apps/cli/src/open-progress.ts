import { SingleBar } from "cli-progress";
import type { Input } from "./input/open-input.ts";

export type Progress = {
  /** @param orders how many are done */
  readonly update: (orders: number) => void;
  readonly stop: () => void;
};

/** Shows a bar on standard error: part of the file, orders a second, time left. Without a terminal it shows nothing. */
export function openProgress({ size, consumed }: Pick<Input, "size" | "consumed">, isWanted: boolean): Progress {
  if (!isWanted || !process.stderr.isTTY || size === undefined) return { update() {}, stop() {} };
  const bar = new SingleBar({
    format: "{bar} {percentage}% | {orders} orders | {rate}/s | {eta_formatted} left",
    stream: process.stderr,
    hideCursor: true,
    etaBuffer: 50,
  });
  const began = performance.now();
  bar.start(size, 0, { orders: 0, rate: 0 });
  const stop = () => bar.stop();
  // Ctrl-C would leave the terminal without its cursor.
  process.once("exit", stop);
  return {
    update(orders) {
      const seconds = (performance.now() - began) / 1_000;
      bar.update(Math.min(consumed(), size), { orders, rate: Math.round(orders / seconds) });
    },
    stop,
  };
}
