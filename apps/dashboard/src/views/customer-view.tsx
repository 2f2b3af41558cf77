import type { Customer } from "@pedidos/contract";
import { read } from "../api/client.ts";
import { Exact } from "../parts/exact.tsx";
import { Live } from "../parts/live.tsx";
import { OrderList } from "../parts/order-list.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { usePage } from "../state/page.ts";
import type { Place } from "../state/route.ts";
import { useAsked } from "../state/use-asked.ts";

const EVERY_MS = 5_000;

/** A customer's exact total and count, and the orders that make them up. */
export function CustomerView({ customerId, place }: { readonly customerId: number; readonly place: Place }) {
  const { speech } = usePage();
  const { customer: words } = speech.words;
  const path = `/v1/customers/${customerId}`;
  const {
    answer: customer,
    problem,
    staleSince,
  } = useAsked((signal) => read<Customer>(path, {}, signal), path, EVERY_MS);
  const moment = (instant: string | null) => (instant === null ? "–" : speech.moment(instant));
  return (
    <>
      <h1>{words.title(speech.id(customerId))}</h1>
      <Trouble problem={problem} />
      {customer?.orderCount === 0 && <p class="lead">{words.none}</p>}
      {customer !== undefined && customer.orderCount > 0 && (
        <Live staleSince={staleSince}>
          <dl class="facts">
            <div class="main">
              <dt>{words.total}</dt>
              <dd>
                <Exact>{speech.money(customer.totalValue)}</Exact>
              </dd>
            </div>
            <div class="main">
              <dt>{words.count}</dt>
              <dd>
                <Exact>{speech.whole(customer.orderCount)}</Exact>
              </dd>
            </div>
            <div>
              <dt>{words.first}</dt>
              <dd>{moment(customer.firstOrderAt)}</dd>
            </div>
            <div>
              <dt>{words.last}</dt>
              <dd>{moment(customer.lastOrderAt)}</dd>
            </div>
          </dl>
        </Live>
      )}
      <OrderList path={`${path}/orders`} showsCustomer={false} place={place} />
    </>
  );
}
