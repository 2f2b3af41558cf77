import type { Rejection, SubmittedOrder } from "@pedidos/contract";
import { formatUnits, readOrder, totalUnits } from "@pedidos/domain";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { change, type Problem } from "../api/client.ts";
import { toEnglish } from "../json/to-english.ts";
import { problemOf } from "../state/keep-asking.ts";
import { usePage } from "../state/page.ts";
import { FaultList, FaultyBody } from "./faulty-body.tsx";
import { Trouble } from "./trouble.tsx";

type RejectionDetailProps = {
  readonly rejection: Rejection;
  /** What became of it, in words. */
  readonly onSettled: (said: string) => void;
  readonly onBack: () => void;
};

/** One rejection: what was wrong with it, and what can be done. */
export function RejectionDetail({ rejection, onSettled, onBack }: RejectionDetailProps) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  const { reason, errors, source, body, bodyEncoding, times, firstSeenAt, status } = rejection;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const when = speech.moment(firstSeenAt);
  return (
    <article class="rejection" aria-labelledby="rejection-title">
      <button type="button" class="quiet back" onClick={onBack}>
        ← {words.back}
      </button>
      <h2 id="rejection-title" tabIndex={-1} ref={heading}>
        {words.id(speech.id(rejection.rejectionId))}: {words.reasons[reason]}
      </h2>
      <p class="dim">
        {words.source} <code>{source}</code>,{" "}
        {times === 1 ? words.seenOnce(when) : words.seen(speech.whole(times), when)}; {words.statuses[status]}
      </p>
      <p>{words.reasonHints[reason]}</p>
      <section>
        <h3>{words.body}</h3>
        {bodyEncoding === "base64" && <p class="hint">{words.bytes}</p>}
        <FaultyBody body={body} faults={errors} />
      </section>
      {status === "open" && <Mending rejection={rejection} onSettled={onSettled} />}
    </article>
  );
}

const toBytes = new TextEncoder();

function Mending({ rejection, onSettled }: Pick<RejectionDetailProps, "rejection" | "onSettled">) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  const { rejectionId, source, body, bodyEncoding } = rejection;
  const original = useMemo(
    () => (bodyEncoding === "utf8" ? toEnglish(body, source === "pedidos") : ""),
    [body, bodyEncoding, source],
  );
  const [text, setText] = useState(original);
  const [problem, setProblem] = useState<Problem>();
  const [isSure, setIsSure] = useState<boolean>();
  const [isBusy, setIsBusy] = useState(false);
  const checked = useMemo(() => readOrder(toBytes.encode(text)), [text]);

  const act = async (action: () => Promise<string>) => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      onSettled(await action());
    } catch (error) {
      setProblem(problemOf(error));
      setIsBusy(false);
    }
  };
  const replay = () =>
    act(async () => {
      const sent = await change<SubmittedOrder>(`/v1/rejections/${rejectionId}/replay`, { method: "POST", body: text });
      return words.replayed(sent === null ? "" : speech.id(sent.orderId));
    });
  const discard = () =>
    act(async () => {
      await change(`/v1/rejections/${rejectionId}/discard`, { method: "POST" });
      return words.discarded;
    });

  return (
    <section class="mending">
      <label class="field">
        <span>{words.mend}</span>
        <textarea
          rows={Math.min(24, Math.max(8, original.split("\n").length + 1))}
          spellcheck={false}
          value={text}
          aria-describedby="mend-verdict"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <div id="mend-verdict" aria-live="polite">
        {checked.kind === "order" ? (
          <p class="good">{words.fine(speech.money(formatUnits(totalUnits(checked.order))))}</p>
        ) : (
          <FaultList faults={checked.faults.slice(0, 5)} />
        )}
      </div>
      <p class="hint">{words.mendHint}</p>
      <Trouble problem={problem} isAction />
      <p class="actions">
        <button type="button" class="primary" disabled={isBusy || checked.kind !== "order"} onClick={replay}>
          {words.replay}
        </button>
        {isSure === undefined ? (
          <button type="button" disabled={isBusy} onClick={() => setIsSure(false)}>
            {words.discard}
          </button>
        ) : (
          <>
            <span class="ask">{words.discardSure}</span>
            <button type="button" disabled={isBusy} onClick={discard}>
              {words.yes}
            </button>
            <button type="button" class="quiet" onClick={() => setIsSure(undefined)}>
              {words.no}
            </button>
          </>
        )}
      </p>
    </section>
  );
}
