import type { ListedOrder, OrderPage } from "@pedidos/contract";
import { useEffect, useRef } from "preact/hooks";
import { pathOf, read, urlOf } from "../api/client.ts";
import { usePage } from "../state/page.ts";
import type { Place } from "../state/route.ts";
import { type KeptLists, useList } from "../state/use-list.ts";
import { OrderTable } from "./order-table.tsx";
import { Trouble } from "./trouble.tsx";

type OrderListProps = {
  /** The API's list: all orders, or a customer's. */
  readonly path: string;
  readonly showsCustomer: boolean;
  /** Its query is the period. */
  readonly place: Place;
};

const kept: KeptLists<ListedOrder> = new Map();

/** A list of orders that goes on as one scrolls, of all time or of a period, and as a file. */
export function OrderList({ path, showsCustomer, place }: OrderListProps) {
  const { speech } = usePage();
  const { lookUp, working, more } = speech.words;
  const query = { from: instantOf(place.query.get("from")), to: instantOf(place.query.get("to")) };
  const list = useList<ListedOrder>(
    async (cursor, signal) => {
      const { orders, nextCursor } = await read<OrderPage>(path, { ...query, cursor, limit: 50 }, signal);
      return { items: orders, next: nextCursor };
    },
    pathOf(path, query),
    kept,
  );
  return (
    <section class="orders" aria-label={lookUp.all}>
      <PeriodForm
        period={query}
        onPeriod={(period) => {
          location.hash = pathOf(`#/${place.path.join("/")}`, period);
        }}
        csv={urlOf(path, { ...query, format: "csv" })}
      />
      {list.items.length > 0 && <OrderTable orders={list.items} showsCustomer={showsCustomer} when={speech.moment} />}
      <Trouble problem={list.problem} onRetry={list.retry} />
      {list.hasMore === false && <p class="status">{list.items.length === 0 ? lookUp.nothing : lookUp.end}</p>}
      {list.isAsking && <p class="status">{working}</p>}
      {list.hasMore === true && !list.isAsking && list.problem === undefined && (
        <More label={more} onMore={list.more} />
      )}
    </section>
  );
}

/** A button that presses itself when it comes into sight. */
function More({ label, onMore }: { readonly label: string; readonly onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const press = useRef(onMore);
  press.current = onMore;
  useEffect(() => {
    if (button.current === null) return;
    const sight = new IntersectionObserver(
      (seen) => seen.some(({ isIntersecting }) => isIntersecting) && press.current(),
      {
        rootMargin: "400px",
      },
    );
    sight.observe(button.current);
    return () => sight.disconnect();
  }, []);
  return (
    <button type="button" class="more" ref={button} onClick={onMore}>
      {label}
    </button>
  );
}

/** As instants, so that its address means the same to everybody. */
type Period = { readonly from: string | undefined; readonly to: string | undefined };
type PeriodFormProps = {
  readonly period: Period;
  readonly onPeriod: (period: Period) => void;
  readonly csv: string;
};

function PeriodForm({ period, onPeriod, csv }: PeriodFormProps) {
  const { lookUp } = usePage().speech.words;
  const field = (name: "from" | "to") => (
    <label class="field">
      <span>{lookUp[name]}</span>
      <input
        type="datetime-local"
        value={localOf(period[name])}
        onChange={({ currentTarget }) => onPeriod({ ...period, [name]: instantOf(currentTarget.value) })}
      />
    </label>
  );
  const isSet = period.from !== undefined || period.to !== undefined;
  return (
    <form class="period" onSubmit={(event) => event.preventDefault()}>
      {field("from")}
      {field("to")}
      {isSet && (
        <button type="button" class="quiet" onClick={() => onPeriod({ from: undefined, to: undefined })}>
          {lookUp.clear}
        </button>
      )}
      <a class="button" href={csv} download>
        {lookUp.csv}
      </a>
    </form>
  );
}

/** → a time of the form, which is by the reader's clock, or of the address, as an instant; undefined if it is none. */
function instantOf(text: string | null): string | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** → an instant as the form shows it, by the reader's clock. */
function localOf(instant: string | undefined): string {
  if (instant === undefined) return "";
  const time = new Date(instant);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
