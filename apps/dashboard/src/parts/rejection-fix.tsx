import type { RecordedOrder, Rejection, SubmittedOrder } from "@pedidos/contract";
import { formatUnits, type Order, readOrder, totalUnits } from "@pedidos/domain";
import { useMemo, useState } from "preact/hooks";
import { change, type Problem } from "../api/client.ts";
import { toEnglish } from "../json/to-english.ts";
import { foreseeReplay } from "../state/compare-with-recorded.ts";
import { problemOf } from "../state/keep-asking.ts";
import { usePage } from "../state/page.ts";
import { FaultList } from "./faulty-body.tsx";
import { Trouble } from "./trouble.tsx";

type RejectionFixProps = {
  readonly rejection: Rejection;
  readonly recorded: RecordedOrder | undefined;
  /** What became of it, in words. */
  readonly onSettled: (said: string) => void;
};

const toBytes = new TextEncoder();

/** Fixes an open rejection, checked as one types, and submits it again, or sets it aside. */
export function RejectionFix({ rejection, recorded, onSettled }: RejectionFixProps) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  const { rejectionId, source, body, bodyEncoding } = rejection;
  const original = useMemo(
    () => (bodyEncoding === "utf8" ? toEnglish(body, source === "pedidos") : ""),
    [body, bodyEncoding, source],
  );
  const [text, setText] = useState(original);
  const [problem, setProblem] = useState<Problem>();
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
          <Verdict order={checked.order} rejection={rejection} recorded={recorded} />
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
        <Discard isBusy={isBusy} onDiscard={discard} />
      </p>
    </section>
  );
}

type VerdictProps = {
  readonly order: Order;
  readonly rejection: Rejection;
  readonly recorded: RecordedOrder | undefined;
};

/** What would become of a valid order. */
function Verdict({ order, rejection, recorded }: VerdictProps) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  const foreseen = foreseeReplay(order, rejection, recorded);
  if (foreseen === "conflict") return <p class="care">{words.conflictAgain(speech.id(order.orderId))}</p>;
  if (foreseen === "same") return <p class="care">{words.sameAgain(speech.id(order.orderId))}</p>;
  return <p class="good">{words.fine(speech.money(formatUnits(totalUnits(order))))}</p>;
}

type DiscardProps = { readonly isBusy: boolean; readonly onDiscard: () => void };

/** Sets it aside once one is sure. */
function Discard({ isBusy, onDiscard }: DiscardProps) {
  const { reject: words } = usePage().speech.words;
  const [isAsked, setIsAsked] = useState(false);
  if (!isAsked)
    return (
      <button type="button" disabled={isBusy} onClick={() => setIsAsked(true)}>
        {words.discard}
      </button>
    );
  return (
    <>
      <span class="ask">{words.discardSure}</span>
      <button type="button" disabled={isBusy} onClick={onDiscard}>
        {words.yes}
      </button>
      <button type="button" class="quiet" onClick={() => setIsAsked(false)}>
        {words.no}
      </button>
    </>
  );
}
