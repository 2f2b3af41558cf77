import type { RejectionCounts as Counts, Rejection, RejectionPage } from "@pedidos/contract";
import { useState } from "preact/hooks";
import { read } from "../api/client.ts";
import { BulkDiscard } from "../parts/bulk-discard.tsx";
import { BulkReplay } from "../parts/bulk-replay.tsx";
import { RejectionCounts } from "../parts/rejection-counts.tsx";
import { RejectionDetail } from "../parts/rejection-detail.tsx";
import { RejectionFilter } from "../parts/rejection-filter.tsx";
import { RejectionList } from "../parts/rejection-list.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { usePage } from "../state/page.ts";
import { addressOf, filterOf, queryOf, utcOffset } from "../state/rejection-filter.ts";
import { useAsked } from "../state/use-asked.ts";
import { type KeptLists, useList } from "../state/use-list.ts";

type RejectionsViewProps = { readonly query: URLSearchParams; readonly pickedId: number | undefined };

const kept: KeptLists<Rejection> = new Map();

/** What could not become an order: counted, found by its kind, one at a time beside the others, fixed or set aside. */
export function RejectionsView({ query, pickedId }: RejectionsViewProps) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  const filter = filterOf(query);
  const about = JSON.stringify(filter);
  const list = useList<Rejection>(
    async (cursor, signal) => {
      const page = { ...queryOf(filter), cursor, limit: 20 };
      const { rejections, nextCursor } = await read<RejectionPage>("/v1/rejections", page, signal);
      return { items: rejections, next: nextCursor };
    },
    about,
    kept,
  );
  const counts = useAsked(
    (signal) => read<Counts>("/v1/rejections/counts", { ...queryOf(filter), utcOffset: utcOffset() }, signal),
    about,
  );
  const picked = useAsked<Rejection | undefined>(
    async (signal) => (pickedId === undefined ? undefined : await read(`/v1/rejections/${pickedId}`, {}, signal)),
    `rejection ${pickedId}`,
  );
  /** What became of those that were dealt with here, in words, by their ids. */
  const [settled, setSettled] = useState<ReadonlyMap<number, string>>(new Map());
  const known = picked.answer ?? list.items.find(({ rejectionId }) => rejectionId === pickedId);
  const settle = (said: string) => {
    if (pickedId === undefined) return;
    setSettled(new Map([...settled, [pickedId, said]]));
    if (filter.status === "open") list.drop(({ rejectionId }) => rejectionId === pickedId);
    picked.askAgain();
    counts.askAgain();
  };
  const askAgain = () => {
    list.askAgain();
    counts.askAgain();
  };
  const others = list.items.filter(({ rejectionId, status }) => rejectionId !== pickedId && status === "open");
  const next = others.find(({ rejectionId }) => pickedId === undefined || rejectionId < pickedId) ?? others[0];
  return (
    <>
      <div class="intro">
        <h1>{words.title}</h1>
        <p class="lead">{words.hint}</p>
      </div>
      <RejectionFilter filter={filter} />
      {counts.answer !== undefined && <RejectionCounts counts={counts.answer} filter={filter} />}
      <div class="pair" data-picked={pickedId !== undefined}>
        <RejectionList list={list} filter={filter} pickedId={pickedId} />
        {pickedId === undefined && list.items.length > 0 && <p class="status aside">{words.pick}</p>}
        {pickedId !== undefined && known === undefined && (
          <div>
            {picked.problem?.status === 404 ? (
              <p>{words.unknown(speech.id(pickedId))}</p>
            ) : (
              <Trouble problem={picked.problem} onRetry={picked.askAgain} />
            )}
          </div>
        )}
        {known !== undefined && (
          <RejectionDetail
            key={known.rejectionId}
            rejection={known}
            said={settled.get(known.rejectionId)}
            onSettled={settle}
            back={addressOf(filter)}
            next={next === undefined ? undefined : addressOf(filter, next.rejectionId)}
          />
        )}
      </div>
      {filter.status === "open" && (
        <div class="bulks" key={about}>
          <BulkReplay filter={filter} onDone={askAgain} />
          <BulkDiscard filter={filter} onDone={askAgain} />
        </div>
      )}
    </>
  );
}
