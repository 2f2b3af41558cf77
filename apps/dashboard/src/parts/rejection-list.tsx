import type { Rejection } from "@pedidos/contract";
import { usePage } from "../state/page.ts";
import { addressOf, type RejectionFilter } from "../state/rejection-filter.ts";
import type { List } from "../state/use-list.ts";
import { Trouble } from "./trouble.tsx";

type RejectionListProps = {
  readonly list: List<Rejection>;
  readonly filter: RejectionFilter;
  readonly pickedId: number | undefined;
};

/** Rejections, newest first, each a link to itself. */
export function RejectionList({ list, filter, pickedId }: RejectionListProps) {
  const { speech } = usePage();
  const { reject: words, more, working } = speech.words;
  const whyOf = ({ errors: [first], reason }: Rejection) =>
    first === undefined ? words.reasonHints[reason] : speech.fault(first.detail);
  return (
    <section class="pick-list" aria-label={words.title}>
      <ul>
        {list.items.map((rejection) => (
          <li key={rejection.rejectionId}>
            <a
              href={addressOf(filter, rejection.rejectionId)}
              aria-current={rejection.rejectionId === pickedId ? "true" : undefined}
            >
              <span class="what">
                <strong>{words.reasons[rejection.reason]}</strong>
                <span class="dim exact">{speech.id(rejection.rejectionId)}</span>
              </span>
              <span class="why">{whyOf(rejection)}</span>
              <span class="dim">
                {rejection.orderId !== null && `${words.order} ${speech.id(rejection.orderId)} · `}
                {speech.moment(rejection.firstSeenAt)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      <Trouble problem={list.problem} onRetry={list.retry} />
      {list.isAsking && <p class="status">{working}</p>}
      {list.hasMore === false && list.items.length === 0 && <p class="status">{words.nothing}</p>}
      {list.hasMore === true && !list.isAsking && (
        <button type="button" class="more" onClick={list.more}>
          {more}
        </button>
      )}
    </section>
  );
}
