import { setTimeout as wait } from "node:timers/promises";
import type { BrokerConsumer } from "@pedidos/broker";
import type { Failure, RecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Line } from "../lines/line.ts";
import type { Protocol } from "./open-protocol.ts";
import type { Effect } from "./protocol.ts";

export type EffectsOptions = {
  readonly store: Pick<RecorderStore, "spool" | "release" | "classify">;
  /** Asks the database whether it records. */
  readonly probe: () => Promise<void>;
  /** Forgets what is pending in memory. → the claimed rows among it */
  readonly forgetPending: () => Line[];
  /** Undefined without a broker. */
  readonly consumer: Pick<BrokerConsumer, "pause" | "resume"> | undefined;
  readonly log: Log;
};

/** Performs what the protocol asks for, and reports how it went. → what ends that */
export function performEffects(protocol: Protocol, options: EffectsOptions): { readonly stop: () => void } {
  const { store, probe, forgetPending, consumer, log } = options;
  const stopping = new AbortController();
  let lastCode: string | undefined;

  function report(event: Parameters<Protocol["report"]>[0]): void {
    if (!stopping.signal.aborted) protocol.report(event);
  }

  async function runProbe(inMs: number): Promise<void> {
    await wait(inMs, undefined, { signal: stopping.signal }).catch(() => {});
    if (stopping.signal.aborted) return;
    try {
      await probe();
      report({ kind: "probe_passed" });
    } catch (error) {
      const failure = store.classify(error);
      if (failure.code !== lastCode) log.warn({ err: error, code: failure.code }, "a probe of recording failed");
      lastCode = failure.code;
      report({ kind: "probe_failed", failure });
    }
  }

  async function handBack({ code }: Failure): Promise<void> {
    log.warn({ code }, "the database still does not record: handing back what is not recorded");
    // Claimed rows that have waited, and were not tried, are released with the others.
    const rows = forgetPending();
    await consumer?.pause();
    report({ kind: "handed_back", rows });
  }

  async function giveBack(lines: readonly Line[], act: () => Promise<void>): Promise<void> {
    try {
      await act();
      for (const line of lines) if (line.spoolId === undefined) line.settle();
      report({ kind: "given_back", lines });
    } catch (error) {
      log.warn({ err: error }, "the database does not record again");
      report({ kind: "give_back_failed", failure: store.classify(error) });
    }
  }

  function perform(effect: Effect<Line>): void {
    switch (effect.kind) {
      case "probe":
        void runProbe(effect.inMs);
        break;
      case "hand_back":
        void handBack(effect.failure);
        break;
      case "take_again":
        consumer?.resume();
        break;
      case "release": {
        const ids = effect.lines.flatMap(({ spoolId }) => spoolId ?? []);
        void giveBack(effect.lines, () => store.release(ids, effect.was));
        break;
      }
      case "spool": {
        const rows = effect.lines.map((line) => ({ ...line, suspect: effect.isSuspect }));
        void giveBack(effect.lines, () => store.spool(rows));
        break;
      }
      case "drop":
        void giveBack(effect.lines, async () => {});
        break;
      case "report":
        lastCode = effect.failure?.code;
        if (effect.what === "recovery") log.info("the database records again");
        else log.warn({ code: lastCode }, "the database can't record: waiting until it answers");
    }
  }

  protocol.onEffect(perform);
  return { stop: () => stopping.abort() };
}
