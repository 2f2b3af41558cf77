import type { Overview } from "@pedidos/contract";
import { usePage } from "../state/page.ts";

/** Orders that were refused where they came in: their senders know, and nobody else would. */
export function RefusedOrders({ refused }: { readonly refused: Overview["refused"] }) {
  const { speech } = usePage();
  const { refused: words } = speech.words;
  if (refused.orders === 0) return null;
  return (
    <section class="refused" aria-labelledby="refused-title">
      <h2 id="refused-title">{words.title(speech.whole(refused.orders))}</h2>
      <p class="hint">{words.hint}</p>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{words.key}</th>
            <th scope="col">{words.reason}</th>
            <th scope="col" class="number">
              {words.orders}
            </th>
          </tr>
        </thead>
        <tbody>
          {refused.by.map(({ key, reason, orders }) => (
            <tr key={`${reason} ${key}`}>
              <th scope="row" data-label={words.key}>
                {key === "anonymous" ? words.anonymous : key}
              </th>
              <td data-label={words.reason}>{words.reasons[reason]}</td>
              <td class="number" data-label={words.orders}>
                {speech.whole(orders)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
