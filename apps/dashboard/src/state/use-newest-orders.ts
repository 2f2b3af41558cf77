import type { OrderPage, OrderRecorded } from "@pedidos/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { read, urlOf } from "../api/client.ts";

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
};

/** The newest orders, as they are recorded: by the stream of events, or by polling where those are too many. */
export function useNewestOrders(isHeld: boolean, ratePerSecond: number): NewestOrders {
  const [orders, setOrders] = useState<readonly OrderRecorded[]>();
  const [held, setHeld] = useState(0);
  const waiting = useRef<OrderRecorded[]>([]);
  const [isPolled, setIsPolled] = useState(false);
  // Not at once back and forth around the bound.
  const isMany = isPolled ? ratePerSecond > FOLLOWED_PER_SECOND / 2 : ratePerSecond > FOLLOWED_PER_SECOND;
  useEffect(() => setIsPolled(isMany), [isMany]);

  useEffect(() => {
    if (isHeld && isPolled) return;
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const poll = async () => {
      const page = await read<OrderPage>("/v1/orders", { limit: SHOWN }, gone.signal).catch(() => undefined);
      if (gone.signal.aborted) return;
      if (page !== undefined && !isHeld) setOrders((before) => merge(page.orders, before ?? []));
      if (isPolled || page === undefined) timer = setTimeout(poll, POLL_EVERY_MS);
    };
    void poll();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [isPolled, isHeld]);

  useEffect(() => {
    if (isPolled) return;
    const stream = new EventSource(urlOf("/v1/events"));
    stream.addEventListener("order.recorded", ({ data }) => {
      const event: { data: OrderRecorded } = JSON.parse(data);
      waiting.current.push(event.data);
    });
    return () => stream.close();
  }, [isPolled]);

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

  return { orders, held, isPolled };
}

/** Newest first, none twice. */
function merge(newer: readonly OrderRecorded[], older: readonly OrderRecorded[]): readonly OrderRecorded[] {
  const known = new Set(newer.map(({ orderId }) => orderId));
  return [...newer, ...older.filter(({ orderId }) => !known.has(orderId))].slice(0, SHOWN);
}
