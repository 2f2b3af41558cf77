import type { Rejection, RejectionPage } from "@pedidos/contract";
import { useState } from "preact/hooks";
import { read } from "../api/client.ts";
import { BulkReplay } from "../parts/bulk-replay.tsx";
import { RejectionDetail } from "../parts/rejection-detail.tsx";
import { RejectionFilter } from "../parts/rejection-filter.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { usePage } from "../state/page.ts";
import { useList } from "../state/use-list.ts";

/** What could not become an order: found by reason, shown with its faults, fixed, or set aside. */
export function RejectionsView({ query }: { readonly query: URLSearchParams }) {
  const { speech } = usePage();
  const { reject: words, more, working } = speech.words;
  const filter = {
    reason: query.get("reason") ?? "",
    status: query.get("status") ?? "open",
    orderId: query.get("orderId") ?? "",
  };
  const list = useList<Rejection>(async (cursor, signal) => {
    const query = { ...filter, cursor, limit: 20 };
    const { rejections, nextCursor } = await read<RejectionPage>("/v1/rejections", query, signal);
    return { items: rejections, next: nextCursor };
  }, JSON.stringify(filter));
  const [pickedId, setPickedId] = useState<number>();
  const [said, setSaid] = useState("");
  const picked = list.items.find(({ rejectionId }) => rejectionId === pickedId);
  const settle = (text: string) => {
    setSaid(text);
    list.drop(({ rejectionId }) => rejectionId === pickedId);
    setPickedId(undefined);
  };
  return (
    <>
      <div class="intro">
        <h1>{words.title}</h1>
        <p class="lead">{words.hint}</p>
      </div>
      <RejectionFilter filter={filter} />
      <p role="status" class="said">
        {said}
      </p>
      <div class="pair" data-picked={picked !== undefined}>
        <section class="pick-list" aria-label={words.title}>
          <ul>
            {list.items.map((rejection) => (
              <li key={rejection.rejectionId}>
                <button
                  type="button"
                  aria-current={rejection.rejectionId === pickedId ? "true" : undefined}
                  onClick={() => {
                    setPickedId(rejection.rejectionId);
                    setSaid("");
                  }}
                >
                  <span class="what">
                    <strong>{words.reasons[rejection.reason]}</strong>
                    <span class="dim">{speech.id(rejection.rejectionId)}</span>
                  </span>
                  <span class="why">{rejection.errors[0]?.detail ?? words.reasonHints[rejection.reason]}</span>
                  <span class="dim">
                    {rejection.orderId !== null && `${words.order} ${speech.id(rejection.orderId)} · `}
                    {speech.moment(rejection.firstSeenAt)}
                  </span>
                </button>
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
        {picked === undefined ? (
          list.items.length > 0 && <p class="status aside">{words.pick}</p>
        ) : (
          <RejectionDetail
            key={picked.rejectionId}
            rejection={picked}
            onSettled={settle}
            onBack={() => setPickedId(undefined)}
          />
        )}
      </div>
      {filter.status === "open" && <BulkReplay filter={filter} onDone={list.askAgain} />}
    </>
  );
}
