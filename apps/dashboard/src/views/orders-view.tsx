import { LookUp } from "../parts/look-up.tsx";
import { OrderList } from "../parts/order-list.tsx";
import { useWords } from "../state/page.ts";
import type { Place } from "../state/route.ts";

/** Look up one order or one customer; below, all of them. */
export function OrdersView({ place }: { readonly place: Place }) {
  const words = useWords();
  return (
    <>
      <h1>{words.orders}</h1>
      <LookUp />
      <OrderList path="/v1/orders" showsCustomer place={place} />
    </>
  );
}
