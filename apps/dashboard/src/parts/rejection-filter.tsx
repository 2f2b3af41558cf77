import type { RejectionStatus } from "@pedidos/contract";
import { type Reason, sources } from "@pedidos/domain";
import { usePage } from "../state/page.ts";
import { addressOf, type RejectionFilter as Filter } from "../state/rejection-filter.ts";
import { parseId } from "../state/route.ts";

const reasons: readonly Reason[] = ["invalid_order", "invalid_json", "order_conflict", "poison"];
const statuses: readonly RejectionStatus[] = ["open", "replayed", "discarded"];

/** Which rejections are shown; the choice stands in the address, so that it can be sent to somebody. */
export function RejectionFilter({ filter }: { readonly filter: Filter }) {
  const { reject: words } = usePage().speech.words;
  const choose = (changed: Partial<Filter>) => {
    location.hash = addressOf({ ...filter, ...changed });
  };
  return (
    <form class="filter" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>{words.reason}</span>
        <select value={filter.reason} onChange={({ currentTarget }) => choose({ reason: currentTarget.value })}>
          <option value="">{words.any}</option>
          {reasons.map((reason) => (
            <option key={reason} value={reason}>
              {words.reasons[reason]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.source}</span>
        <select value={filter.source} onChange={({ currentTarget }) => choose({ source: currentTarget.value })}>
          <option value="">{words.any}</option>
          {sources.map((source) => (
            <option key={source} value={source}>
              {words.sources[source]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.status}</span>
        <select value={filter.status} onChange={({ currentTarget }) => choose({ status: currentTarget.value })}>
          <option value="">{words.any}</option>
          {statuses.map((status) => (
            <option key={status} value={status}>
              {words.statuses[status]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.day}</span>
        <input type="date" value={filter.day} onChange={({ currentTarget }) => choose({ day: currentTarget.value })} />
      </label>
      <label class="field">
        <span>{words.order}</span>
        <input
          inputMode="numeric"
          autocomplete="off"
          value={filter.orderId}
          onChange={({ currentTarget }) => {
            const id = parseId(currentTarget.value);
            choose({ orderId: id === undefined ? "" : String(id) });
          }}
        />
      </label>
    </form>
  );
}
