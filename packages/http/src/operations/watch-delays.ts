import type { Delays } from "@pedidos/contract";
import { readOrder } from "@pedidos/domain";
import type { AcceptedSample } from "@pedidos/intake";
import type { RecordingTimes } from "@pedidos/persistence";

const WINDOW_MS = 5 * 60_000;
const MOST_WAITING = 500;
/** An order that waits less than this is not counted yet. */
const COUNTED_AFTER_MS = 2_000;
/** Clocks differ by less; an order recorded earlier than that before it was accepted had been recorded before. */
const CLOCKS_MS = 500;

/**
 * Follows a sample of the orders that were accepted until they are recorded. Both clocks are read each time, so that
 * their difference does not count. The record's time is that of its transaction's start, a few milliseconds before its
 * commit.
 */
export function watchDelays(find: (orderIds: readonly number[]) => Promise<RecordingTimes>, now = Date.now) {
  const waiting = new Map<number, number>();
  let recorded: { readonly at: number; readonly delayMs: number }[] = [];

  function add(samples: readonly AcceptedSample[]): void {
    for (const { body, acceptedAt } of samples) {
      const read = readOrder(body);
      if (read.kind === "order") waiting.set(read.order.orderId, acceptedAt);
    }
    for (const orderId of [...waiting.keys()].slice(0, Math.max(0, waiting.size - MOST_WAITING)))
      waiting.delete(orderId);
  }

  return {
    /** → how many were settled. @throws if the database does not answer; pending orders stay pending. */
    async sample(samples: readonly AcceptedSample[]): Promise<number> {
      add(samples);
      const asked = now();
      recorded = recorded.filter(({ at }) => at > asked - WINDOW_MS);
      if (waiting.size === 0) return 0;
      const { at, settled } = await find([...waiting.keys()]);
      const answered = now();
      const ahead = Date.parse(at) - (asked + answered) / 2;
      for (const { orderId, recordedAt } of settled) {
        const acceptedAt = waiting.get(orderId);
        waiting.delete(orderId);
        if (recordedAt === null || acceptedAt === undefined) continue;
        // A clock that was set back may be behind what it stamps; but by now it is recorded.
        const delayMs = Math.min(Date.parse(recordedAt) - ahead, answered) - acceptedAt;
        if (delayMs > -CLOCKS_MS) recorded.push({ at: answered, delayMs: Math.max(0, delayMs) });
      }
      return settled.length;
    },
    /** The delays are of what is recorded, and of nothing else; what waits is counted apart. */
    read(): Delays {
      const ages = [...waiting.values()]
        .map((acceptedAt) => now() - acceptedAt)
        .filter((age) => age > COUNTED_AFTER_MS);
      const delays = recorded.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
      const at = (part: number) => delays[Math.max(0, Math.ceil(delays.length * part) - 1)];
      const oldest = ages.length === 0 ? 0 : Math.max(...ages);
      return {
        orders: delays.length,
        p50Ms: roundMs(at(0.5)),
        p99Ms: roundMs(at(0.99)),
        waiting: ages.length,
        oldestWaitingSeconds: Math.round(oldest / 100) / 10,
      };
    },
  };
}

function roundMs(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
