import { useEffect } from "preact/hooks";
import { usePage } from "../state/page.ts";
import { type Place, parseId } from "../state/route.ts";
import type { Speech } from "../words/speak.ts";
import { CustomerView } from "./customer-view.tsx";
import { DeadLettersView } from "./dead-letters-view.tsx";
import { NowView } from "./now-view.tsx";
import { OrderView } from "./order-view.tsx";
import { OrdersView } from "./orders-view.tsx";
import { RejectionsView } from "./rejections-view.tsx";
import { UnknownView } from "./unknown-view.tsx";

/** The view that a place names. */
export function Content({ place }: { readonly place: Place }) {
  const { speech } = usePage();
  const { title, view } = viewOf(place, speech);
  useEffect(() => {
    document.title = `${title} – Pedidos`;
  }, [title]);
  return view;
}

function viewOf(place: Place, { words, id }: Speech) {
  const [section, text, ...rest] = place.path;
  const number = parseId(text);
  const unknown = { title: words.unknownPlace.title, view: <UnknownView /> };
  if (rest.length > 0 || (text !== undefined && number === undefined)) return unknown;
  const pages = {
    orders: () =>
      number === undefined
        ? { title: words.orders, view: <OrdersView place={place} /> }
        : { title: words.order.title(id(number)), view: <OrderView key={number} orderId={number} /> },
    customers: () =>
      number === undefined
        ? { title: words.orders, view: <OrdersView place={place} /> }
        : {
            title: words.customer.title(id(number)),
            view: <CustomerView key={number} customerId={number} place={place} />,
          },
    rejections: () => ({
      title: number === undefined ? words.rejections : words.reject.id(id(number)),
      view: <RejectionsView query={place.query} pickedId={number} />,
    }),
  };
  if (section === "orders" || section === "customers" || section === "rejections") return pages[section]();
  if (number !== undefined) return unknown;
  if (section === undefined) return { title: words.now, view: <NowView query={place.query} /> };
  return section === "dead-letters" ? { title: words.deadLetters, view: <DeadLettersView /> } : unknown;
}
