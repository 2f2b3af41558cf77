import type { Overview } from "@pedidos/contract";
import type { Problem } from "../api/client.ts";
import { usePage } from "../state/page.ts";
import { type Concern, weighOverview } from "../state/weigh-overview.ts";
import type { Speech } from "../words/speak.ts";
import { describe } from "./trouble.tsx";

type HeadlineProps = {
  readonly overview: Overview | undefined;
  readonly problem: Problem | undefined;
  /** Whether this visitor may know how it goes. */
  readonly isKnown: boolean;
};

/** One sentence that says how it goes, for the engineer on call: the worst of what is wrong; below it the rest, in short. */
export function Headline({ overview, problem, isKnown }: HeadlineProps) {
  const { speech } = usePage();
  const { words } = speech;
  if (!isKnown) return <h1 class="headline">{words.now}</h1>;
  const concerns = overview === undefined || problem !== undefined ? [] : weighOverview(overview);
  const [worst, ...others] = concerns;
  const tone = problem !== undefined ? "bad" : overview === undefined ? "quiet" : (worst?.tone ?? "well");
  return (
    <div class="headline-block" data-tone={tone}>
      <h1 class="headline" aria-live="polite">
        {problem !== undefined && describe(words, problem)}
        {problem === undefined &&
          (overview === undefined ? words.headline.loading : describeWorst(worst, overview, speech))}
      </h1>
      {worst !== undefined && <Act concern={worst} />}
      {others.length > 0 && (
        <ul class="others" aria-label={words.headline.also}>
          {others.map((concern) => (
            <Brief key={concern.kind} concern={concern} />
          ))}
        </ul>
      )}
      {overview !== undefined && problem === undefined && <p class="lead">{describeDelays(overview.delays, speech)}</p>}
    </div>
  );
}

function describeWorst(worst: Concern | undefined, { history }: Overview, speech: Speech): string {
  const { headline } = speech.words;
  if (worst !== undefined) return inWords(worst, speech).full;
  const rate = history.at(-1)?.recorded ?? 0;
  return rate > 0 ? headline.rate(speech.rate(rate)) : headline.well;
}

/** Where one acts on it. */
function Act({ concern }: { readonly concern: Concern }) {
  const { speech, may } = usePage();
  const { headline } = speech.words;
  if (concern.kind === "paused") return <p class="hint">{headline.actOnPause}</p>;
  if (concern.href === null) return <p class="hint">{headline.actOnServer}</p>;
  if (!may("rejections:manage")) return null;
  return (
    <p>
      <a href={concern.href}>{headline.act}</a>
    </p>
  );
}

function Brief({ concern }: { readonly concern: Concern }) {
  const { speech, may } = usePage();
  const { brief } = inWords(concern, speech);
  const isLink = concern.href !== null && may("rejections:manage");
  return <li>{isLink ? <a href={concern.href}>{brief}</a> : brief}</li>;
}

type Worded = { readonly full: string; readonly brief: string };

/** → what is wrong, as a sentence and as a few words. */
function inWords(concern: Concern, { words, whole, span, clock }: Speech): Worded {
  const { concerns } = words;
  switch (concern.kind) {
    case "databaseDown":
      return concern.hasBroker ? concerns.databaseDown : concerns.onlyDatabaseDown;
    case "noConsumer":
      return concerns.noConsumer(whole(concern.waiting));
    case "stalled":
      return concerns.stalled(whole(concern.waiting), clock(concern.since));
    case "lags":
    case "slow":
    case "unannounced":
      return concerns[concern.kind](span(concern.seconds * 1_000));
    case "deadLetters":
      return concerns.deadLetters(whole(concern.count));
    case "rejections":
      return concerns.rejections(whole(concern.fresh), whole(concern.conflicts));
    default:
      return concerns[concern.kind];
  }
}

/** Of what is recorded, and of nothing else; what waits is said apart. */
function describeDelays(
  { orders, p50Ms, p99Ms, waiting, oldestWaitingSeconds }: Overview["delays"],
  speech: Speech,
): string {
  const { words, span, whole } = speech;
  const wait = waiting === 0 ? "" : words.delaysWaiting(whole(waiting), span(oldestWaitingSeconds * 1_000));
  if (p50Ms === null || p99Ms === null) return wait === "" ? words.quiet : wait;
  return `${words.delays(whole(orders), span(p50Ms), span(p99Ms))} ${wait}`.trimEnd();
}
