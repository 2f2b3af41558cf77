import type { OrderPage, OrderRecorded } from "@pedidos/contract";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { read } from "../api/client.ts";
import { followEvents } from "./follow-events.ts";
import { keepAsking } from "./keep-asking.ts";

const SHOWN = 12;
/** Beyond this many a second nobody could read them; the list is then polled. */
const FOLLOWED_PER_SECOND = 100;
const POLL_EVERY_MS = 2_000;
/** How often new arrivals are shown. */
const SHOW_EVERY_MS = 250;

export type NewestOrders = {
  /** Undefined until they are known. */
  readonly orders: readonly OrderRecorded[] | undefined;
  /** Those that arrived while the list was held. */
  readonly held: number;
  readonly isPolled: boolean;
  /** Since when nothing new can arrive, as the server does not answer. */
  readonly staleSince: string | undefined;
};

/** The newest orders, as they are recorded: by the stream of events, or by polling where those are too many. */
export function useNewestOrders(isHeld: boolean, ratePerSecond: number): NewestOrders {
  const [orders, setOrders] = useState<readonly OrderRecorded[]>();
  const [held, setHeld] = useState(0);
  const [staleSince, setStaleSince] = useState<string>();
  /** What was missed between two streams is asked for. */
  const [round, setRound] = useState(0);
  const waiting = useRef<OrderRecorded[]>([]);
  const [isPolled, setIsPolled] = useState(false);
  // Not at once back and forth around the bound.
  const isMany = isPolled ? ratePerSecond > FOLLOWED_PER_SECOND / 2 : ratePerSecond > FOLLOWED_PER_SECOND;
  useEffect(() => setIsPolled(isMany), [isMany]);
  const setLive = useCallback(
    (isLive: boolean) => setStaleSince((before) => (isLive ? undefined : (before ?? new Date().toISOString()))),
    [],
  );

  useEffect(() => {
    if (isHeld && isPolled) return;
    return keepAsking({
      ask: (signal) => read<OrderPage>("/v1/orders", { limit: SHOWN }, signal),
      onAnswer(page) {
        if (isPolled) setLive(true);
        if (!isHeld) setOrders((before) => merge(page.orders, before ?? []));
      },
      onProblem() {
        if (isPolled) setLive(false);
      },
      everyMs: isPolled ? POLL_EVERY_MS : undefined,
    });
  }, [isPolled, isHeld, round, setLive]);

  useEffect(() => {
    if (isPolled) return;
    return followEvents({
      onRecorded: (order) => waiting.current.push(order),
      onState: setLive,
      onReopened: () => setRound((before) => before + 1),
    });
  }, [isPolled, setLive]);

  useEffect(() => {
    const show = () => {
      if (isHeld) return setHeld(waiting.current.length);
      const arrived = waiting.current.splice(0).slice(-SHOWN).reverse();
      if (arrived.length > 0) setOrders((before) => merge(arrived, before ?? []));
    };
    show();
    if (!isHeld) setHeld(0);
    const timer = setInterval(show, SHOW_EVERY_MS);
    return () => clearInterval(timer);
  }, [isHeld]);

  return { orders, held, isPolled, staleSince };
}

/** Newest first, none twice. */
function merge(newer: readonly OrderRecorded[], older: readonly OrderRecorded[]): readonly OrderRecorded[] {
  const known = new Set(newer.map(({ orderId }) => orderId));
  return [...newer, ...older.filter(({ orderId }) => !known.has(orderId))].slice(0, SHOWN);
}
