import { useState } from "preact/hooks";
import { usePage } from "../state/page.ts";
import { useNewestOrders } from "../state/use-newest-orders.ts";
import { FirstOrder } from "./first-order.tsx";

/** The newest orders, as they come in; where there is none, how to send the first. */
export function NewestOrders({ ratePerSecond }: { readonly ratePerSecond: number }) {
  const { speech, may } = usePage();
  const { live, lookUp } = speech.words;
  const [isHeld, setIsHeld] = useState(false);
  const { orders, held, isPolled } = useNewestOrders(isHeld, ratePerSecond);
  if (orders?.length === 0 && may("orders:write")) return <FirstOrder />;
  const { columns } = lookUp;
  return (
    <section class="newest" aria-labelledby="newest-title">
      <div class="title-row">
        <h2 id="newest-title">{live.title}</h2>
        <button type="button" class="quiet" aria-pressed={isHeld} onClick={() => setIsHeld(!isHeld)}>
          {isHeld ? live.goOn : live.hold}
        </button>
      </div>
      {isHeld && held > 0 && <p class="hint">{live.held(speech.whole(held))}</p>}
      {isPolled && <p class="hint">{live.polled}</p>}
      {orders?.length === 0 && <p class="status">{live.empty}</p>}
      {orders !== undefined && orders.length > 0 && (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{columns.order}</th>
              <th scope="col">{columns.customer}</th>
              <th scope="col" class="number">
                {columns.total}
              </th>
              <th scope="col" class="number">
                {columns.recorded}
              </th>
            </tr>
          </thead>
          <tbody>
            {orders.map(({ orderId, customerId, total, recordedAt }) => (
              <tr key={orderId}>
                <th scope="row">
                  <a href={`#/orders/${orderId}`}>{speech.id(orderId)}</a>
                </th>
                <td>
                  <a href={`#/customers/${customerId}`}>{speech.id(customerId)}</a>
                </td>
                <td class="number">{speech.money(total)}</td>
                <td class="number dim">
                  <time dateTime={recordedAt}>{speech.clock(recordedAt)}</time>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
