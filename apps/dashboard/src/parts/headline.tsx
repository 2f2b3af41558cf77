import type { Overview } from "@pedidos/contract";
import type { Problem } from "../api/client.ts";
import { usePage } from "../state/page.ts";
import type { Speech } from "../words/speak.ts";

type HeadlineProps = {
  readonly overview: Overview | undefined;
  readonly problem: Problem | undefined;
  /** Whether this visitor may know how it goes. */
  readonly isKnown: boolean;
};

/** One sentence that says how it goes, for the engineer on call. */
export function Headline({ overview, problem, isKnown }: HeadlineProps) {
  const { speech } = usePage();
  const { words } = speech;
  if (!isKnown) return <h1 class="headline">{words.now}</h1>;
  const { text, tone } = judge(overview, problem, speech);
  return (
    <div class="headline-block" data-tone={tone}>
      <h1 class="headline" aria-live="polite">
        {text}
      </h1>
      {overview !== undefined && <p class="lead">{describeDelays(overview.delays, speech)}</p>}
    </div>
  );
}

type Judgement = { readonly text: string; readonly tone: "well" | "care" | "bad" | "quiet" };

/** Beyond this an order has waited longer than anybody expects. */
const LAGS_AFTER_SECONDS = 30;

function judge(overview: Overview | undefined, problem: Problem | undefined, speech: Speech): Judgement {
  const { headline } = speech.words;
  if (problem !== undefined) return { text: headline.noAnswer, tone: "bad" };
  if (overview === undefined) return { text: headline.loading, tone: "quiet" };
  const { readiness, delays, history, backlog } = overview;
  if (readiness.status === "unavailable") return { text: headline.unavailable, tone: "bad" };
  if (readiness.dependencies.database === "down") return { text: headline.databaseDown, tone: "bad" };
  if (readiness.dependencies.broker === "down") return { text: headline.brokerDown, tone: "care" };
  if (readiness.consuming === "paused") return { text: headline.paused, tone: "care" };
  const oldest = Math.max(delays.oldestWaitingSeconds, backlog.spool?.oldestSeconds ?? 0);
  if (oldest > LAGS_AFTER_SECONDS) return { text: headline.lags(speech.span(oldest * 1_000)), tone: "care" };
  const rate = history.at(-1)?.recorded ?? 0;
  return { text: rate > 0 ? headline.rate(speech.rate(rate)) : headline.well, tone: "well" };
}

function describeDelays({ p50Ms, p99Ms }: Overview["delays"], { words, span }: Speech): string {
  return p50Ms === null || p99Ms === null ? words.quiet : words.delays(span(p50Ms), span(p99Ms));
}
