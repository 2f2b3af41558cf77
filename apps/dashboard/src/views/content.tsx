import { useEffect } from "preact/hooks";
import { usePage } from "../state/page.ts";
import { type Place, parseId } from "../state/route.ts";
import { CustomerView } from "./customer-view.tsx";
import { DeadLettersView } from "./dead-letters-view.tsx";
import { NowView } from "./now-view.tsx";
import { OrderView } from "./order-view.tsx";
import { OrdersView } from "./orders-view.tsx";
import { RejectionsView } from "./rejections-view.tsx";

/** The view that a place names. */
export function Content({ place }: { readonly place: Place }) {
  const { speech } = usePage();
  const [section, id] = place.path;
  const number = parseId(id);
  const { words } = speech;
  const title =
    section === "orders" && number !== undefined
      ? words.order.title(speech.id(number))
      : section === "customers" && number !== undefined
        ? words.customer.title(speech.id(number))
        : ({ orders: words.orders, rejections: words.rejections, "dead-letters": words.deadLetters }[section ?? ""] ??
          words.now);
  useEffect(() => {
    document.title = `${title} – Pedidos`;
  }, [title]);
  if (section === "orders" && number !== undefined) return <OrderView key={number} orderId={number} />;
  if (section === "customers" && number !== undefined) return <CustomerView key={number} customerId={number} />;
  if (section === "orders" || section === "customers") return <OrdersView />;
  if (section === "rejections") return <RejectionsView key={place.query.toString()} query={place.query} />;
  if (section === "dead-letters") return <DeadLettersView />;
  return <NowView />;
}
