import type { DiscardedRejections, RejectionCounts } from "@pedidos/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { change, type Problem, pathOf, read } from "../api/client.ts";
import { problemOf } from "../state/keep-asking.ts";
import { usePage } from "../state/page.ts";
import { queryOf, type RejectionFilter } from "../state/rejection-filter.ts";
import { Trouble } from "./trouble.tsx";

type Step =
  | { readonly kind: "idle" }
  | { readonly kind: "counting" }
  | { readonly kind: "counted"; readonly counts: RejectionCounts }
  | { readonly kind: "running"; readonly done: number }
  | { readonly kind: "done"; readonly done: number };

type BulkDiscardProps = { readonly filter: RejectionFilter; readonly onDone: () => void };

/** Sets all open rejections of a filter aside: first it says how many, then it does it. What comes meanwhile stays open. */
export function BulkDiscard({ filter, onDone }: BulkDiscardProps) {
  const { speech } = usePage();
  const { bulkDiscard: words, reject } = speech.words;
  const [step, setStep] = useState<Step>({ kind: "idle" });
  const [problem, setProblem] = useState<Problem>();
  const said = useRef<HTMLParagraphElement>(null);
  const query = queryOf({ ...filter, status: "open" });
  const counted = step.kind === "counted" ? step.counts : undefined;
  const upTo = counted?.newestId ?? null;
  useEffect(() => {
    if (step.kind === "counted" || step.kind === "done") said.current?.focus();
  }, [step.kind]);

  const attempt = async (work: () => Promise<Step>) => {
    setProblem(undefined);
    try {
      setStep(await work());
    } catch (error) {
      setProblem(problemOf(error));
      setStep({ kind: "idle" });
    }
  };
  const count = () =>
    attempt(async () => {
      setStep({ kind: "counting" });
      return { kind: "counted", counts: await read<RejectionCounts>("/v1/rejections/counts", query) };
    });
  const discard = (upTo: number) =>
    attempt(async () => {
      const { status, ...kinds } = query;
      const path = pathOf("/v1/rejections/discard", { ...kinds, upTo });
      let done = 0;
      for (let hasMore = true; hasMore; ) {
        setStep({ kind: "running", done });
        const answer = await change<DiscardedRejections>(path, { method: "POST" });
        done += answer?.discarded ?? 0;
        hasMore = answer?.hasMore ?? false;
      }
      return { kind: "done", done };
    }).then(onDone);

  return (
    <section class="bulk" aria-labelledby="bulk-discard-title">
      <h2 id="bulk-discard-title">{words.title}</h2>
      <p class="hint">{words.hint}</p>
      <p role="status" tabIndex={-1} ref={said}>
        {counted !== undefined && (counted.isCapped ? words.foundOver : words.found)(speech.whole(counted.rejections))}
        {step.kind === "running" && words.progress(speech.whole(step.done))}
        {step.kind === "done" && words.result(speech.whole(step.done))}
      </p>
      <Trouble problem={problem} isAction />
      <p class="actions">
        {counted !== undefined && upTo !== null && (
          <>
            <button type="button" class="primary" onClick={() => discard(upTo)}>
              {(counted.isCapped ? words.runOver : words.run)(speech.whole(counted.rejections))}
            </button>
            <button type="button" class="quiet" onClick={() => setStep({ kind: "idle" })}>
              {reject.no}
            </button>
          </>
        )}
        {step.kind !== "running" && upTo === null && (
          <button type="button" disabled={step.kind === "counting"} onClick={count}>
            {words.count}
          </button>
        )}
      </p>
    </section>
  );
}
