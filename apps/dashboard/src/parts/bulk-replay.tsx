import { useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client.ts";
import { problemOf } from "../state/keep-asking.ts";
import { usePage } from "../state/page.ts";
import { queryOf, type RejectionFilter } from "../state/rejection-filter.ts";
import { type Forecast, forecastReplay, type Replayed, replayAll } from "../state/replay-many.ts";
import { Trouble } from "./trouble.tsx";

type Step =
  | { readonly kind: "idle" }
  | { readonly kind: "forecasting"; readonly count: number }
  | { readonly kind: "foreseen"; readonly forecast: Forecast }
  | { readonly kind: "running"; readonly all: number; readonly replayed: Replayed }
  | { readonly kind: "done"; readonly replayed: Replayed };

/** Submits all open rejections of a filter again: first it says what would happen, then it does it, with a bar. */
export function BulkReplay({ filter, onDone }: { readonly filter: RejectionFilter; readonly onDone: () => void }) {
  const { speech } = usePage();
  const { bulk } = speech.words;
  const query = queryOf({ ...filter, status: "open" });
  const [step, setStep] = useState<Step>({ kind: "idle" });
  const [problem, setProblem] = useState<Problem>();
  const stopping = useRef(new AbortController());

  const attempt = async (work: (signal: AbortSignal) => Promise<void>) => {
    stopping.current = new AbortController();
    setProblem(undefined);
    try {
      await work(stopping.current.signal);
    } catch (error) {
      if (!stopping.current.signal.aborted) setProblem(problemOf(error));
      setStep({ kind: "idle" });
    }
  };
  const dryRun = () =>
    attempt(async (signal) => {
      setStep({ kind: "forecasting", count: 0 });
      const forecast = await forecastReplay(query, (count) => setStep({ kind: "forecasting", count }), signal);
      setStep({ kind: "foreseen", forecast });
    });
  const run = (ids: readonly number[]) =>
    attempt(async (signal) => {
      const all = ids.length;
      setStep({ kind: "running", all, replayed: { done: 0, refused: 0 } });
      const replayed = await replayAll(ids, (so) => setStep({ kind: "running", all, replayed: so }), signal);
      setStep({ kind: "done", replayed });
      onDone();
    });
  const stop = (
    <button type="button" onClick={() => stopping.current.abort()}>
      {bulk.stop}
    </button>
  );

  return (
    <section class="bulk" aria-labelledby="bulk-title">
      <h2 id="bulk-title">{bulk.title}</h2>
      <p class="hint">{bulk.hint}</p>
      <div aria-live="polite">
        {step.kind === "forecasting" && (
          <p class="actions">
            {bulk.inspected(speech.whole(step.count))} {stop}
          </p>
        )}
        {step.kind === "foreseen" && <Foreseen forecast={step.forecast} onRun={run} />}
        {step.kind === "done" && (
          <p>{bulk.result(speech.whole(step.replayed.done), speech.whole(step.replayed.refused))}</p>
        )}
      </div>
      {step.kind === "running" && (
        <p class="actions">
          <progress aria-label={bulk.title} max={step.all} value={step.replayed.done + step.replayed.refused} />
          {bulk.progress(speech.whole(step.replayed.done + step.replayed.refused), speech.whole(step.all))}
          {stop}
        </p>
      )}
      <Trouble problem={problem} isAction />
      {step.kind !== "forecasting" && step.kind !== "running" && (
        <p class="actions">
          <button type="button" onClick={dryRun}>
            {bulk.dryRun}
          </button>
        </p>
      )}
    </section>
  );
}

type ForeseenProps = { readonly forecast: Forecast; readonly onRun: (rejectionIds: readonly number[]) => void };

function Foreseen({ forecast, onRun }: ForeseenProps) {
  const { speech } = usePage();
  const { bulk } = speech.words;
  const { valid, conflicts, faulty, isCapped } = forecast;
  const count = speech.whole(valid.length);
  return (
    <>
      <p>{bulk.found(speech.whole(valid.length + conflicts + faulty))}</p>
      <ul>
        <li>{bulk.would(count)}</li>
        {conflicts > 0 && <li>{bulk.wouldConflict(speech.whole(conflicts))}</li>}
        {faulty > 0 && <li>{bulk.wouldNot(speech.whole(faulty))}</li>}
      </ul>
      {isCapped && <p>{bulk.capped}</p>}
      {valid.length === 0 ? (
        <p>{bulk.nothing}</p>
      ) : (
        <p class="actions">
          <button type="button" class="primary" onClick={() => onRun(valid)}>
            {bulk.run(count)}
          </button>
        </p>
      )}
    </>
  );
}
