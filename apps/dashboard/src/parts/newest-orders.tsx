import { useState } from "preact/hooks";
import { usePage } from "../state/page.ts";
import { useNewestOrders } from "../state/use-newest-orders.ts";
import { FirstOrder } from "./first-order.tsx";
import { Live } from "./live.tsx";
import { OrderTable } from "./order-table.tsx";

/** The newest orders, as they come in; before the first one, how to send it. */
export function NewestOrders({ ratePerSecond }: { readonly ratePerSecond: number }) {
  const { speech, may } = usePage();
  const { live } = speech.words;
  const [isHeld, setIsHeld] = useState(false);
  const { orders, held, isPolled, staleSince } = useNewestOrders(isHeld, ratePerSecond);
  if (orders?.length === 0 && may("orders:write")) return <FirstOrder />;
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
        <Live staleSince={staleSince}>
          <OrderTable orders={orders} showsItems={false} when={speech.clock} />
        </Live>
      )}
    </section>
  );
}
