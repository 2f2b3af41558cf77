import type { RecordedOrder, Rejection } from "@pedidos/contract";
import { dialectOf, readOrder } from "@pedidos/domain";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { read } from "../api/client.ts";
import { usePage } from "../state/page.ts";
import { useAsked } from "../state/use-asked.ts";
import { BesideRecorded } from "./beside-recorded.tsx";
import { FaultyBody } from "./faulty-body.tsx";
import { RejectionFix } from "./rejection-fix.tsx";

type RejectionDetailProps = {
  readonly rejection: Rejection;
  /** What became of it here, in words. */
  readonly said: string | undefined;
  readonly onSettled: (said: string) => void;
  /** Addresses: of the list, and of the next one to deal with. */
  readonly back: string;
  readonly next: string | undefined;
};

/** One rejection: what was wrong with it, what is recorded under its id, and what can be done. */
export function RejectionDetail({ rejection, said, onSettled, back, next }: RejectionDetailProps) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  const { rejectionId, reason, errors, source, body, bodyEncoding, times, firstSeenAt, status } = rejection;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const recorded = useRecorded(rejection.orderId);
  const came = useMemo(() => orderOf(rejection), [rejection]);
  const when = speech.moment(firstSeenAt);
  return (
    <article class="rejection" aria-labelledby="rejection-title">
      <a class="button quiet back" href={back}>
        ← {words.back}
      </a>
      <h2 id="rejection-title" tabIndex={-1} ref={heading}>
        {words.id(speech.id(rejectionId))}: {words.reasons[reason]}
      </h2>
      {said !== undefined && <Settled said={said} next={next} />}
      <p class="dim">
        {words.source} {words.sources[source]},{" "}
        {times === 1 ? words.seenOnce(when) : words.seen(speech.whole(times), when)}; {words.statuses[status]}
      </p>
      <p>{words.reasonHints[reason]}</p>
      {recorded !== undefined && came !== undefined && <BesideRecorded recorded={recorded} came={came} />}
      <section>
        <h3>{words.body}</h3>
        {bodyEncoding === "base64" && <p class="hint">{words.bytes}</p>}
        <FaultyBody body={body} faults={errors} />
      </section>
      {status === "open" && said === undefined && (
        <RejectionFix rejection={rejection} recorded={recorded} onSettled={onSettled} />
      )}
    </article>
  );
}

/** What became of it, where the keyboard is from now on, and the way to the next one. */
function Settled({ said, next }: { readonly said: string; readonly next: string | undefined }) {
  const { reject: words } = usePage().speech.words;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.focus();
    place.current?.scrollIntoView({ block: "center" });
  }, []);
  return (
    <div class="settled" tabIndex={-1} ref={place}>
      <p role="status" class="said">
        {said}
      </p>
      {next !== undefined && (
        <a class="button" href={next}>
          {words.next}
        </a>
      )}
    </div>
  );
}

/** The order that is recorded under an id; undefined if none is, or if this key may not see it. */
function useRecorded(orderId: number | null): RecordedOrder | undefined {
  const { may } = usePage();
  const asked = may("orders:read") ? orderId : null;
  const { answer } = useAsked<RecordedOrder | undefined>(
    async (signal) => (asked === null ? undefined : await read(`/v1/orders/${asked}`, {}, signal)),
    `recorded ${asked}`,
  );
  return answer;
}

function orderOf({ body, bodyEncoding, source }: Rejection) {
  if (bodyEncoding !== "utf8") return undefined;
  const came = readOrder(new TextEncoder().encode(body), dialectOf(source));
  return came.kind === "order" ? came.order : undefined;
}
