import type { OrderRecorded } from "@pedidos/contract";
import { usePage } from "../state/page.ts";

type OrderTableProps = {
  readonly orders: readonly OrderRecorded[];
  readonly showsCustomer?: boolean;
  readonly showsItems?: boolean;
  /** Writes when an order was recorded. */
  readonly when: (instant: string) => string;
};

/** Orders, a row each, with links to them and to their customers. */
export function OrderTable({ orders, showsCustomer = true, showsItems = true, when }: OrderTableProps) {
  const { speech } = usePage();
  const { columns } = speech.words.lookUp;
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{columns.order}</th>
          {showsCustomer && <th scope="col">{columns.customer}</th>}
          {showsItems && (
            <th scope="col" class="number">
              {columns.items}
            </th>
          )}
          <th scope="col" class="number">
            {columns.total}
          </th>
          <th scope="col" class="number">
            {columns.recorded}
          </th>
        </tr>
      </thead>
      <tbody>
        {orders.map(({ orderId, customerId, itemCount, total, recordedAt }) => (
          <tr key={orderId}>
            <th scope="row" data-label={columns.order}>
              <a href={`#/orders/${orderId}`}>{speech.id(orderId)}</a>
            </th>
            {showsCustomer && (
              <td data-label={columns.customer}>
                <a href={`#/customers/${customerId}`}>{speech.id(customerId)}</a>
              </td>
            )}
            {showsItems && (
              <td class="number" data-label={columns.items}>
                {speech.whole(itemCount)}
              </td>
            )}
            <td class="number" data-label={columns.total}>
              {speech.money(total)}
            </td>
            <td class="number dim" data-label={columns.recorded}>
              <time dateTime={recordedAt}>{when(recordedAt)}</time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
