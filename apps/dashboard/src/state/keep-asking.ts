import { Problem } from "../api/client.ts";

type Asking<Answer> = {
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
  readonly onAnswer: (answer: Answer) => void;
  readonly onProblem: (problem: Problem) => void;
  /** Left out: once it is answered, or refused for good, it is not asked again. */
  readonly everyMs?: number | undefined;
};

/** After an outage everything is back this soon. */
const RETRY_MS = 3_000;
/** Longer than the API takes for anything that is read; of a server that stands still nothing else is ever heard. */
const LIMIT_MS = { once: 30_000, again: 10_000 };

/**
 * Asks at once, again every so often while the page is visible, and soon again after a failure that may pass. Everything
 * that is shown is read this way, so every view comes back by itself after an outage.
 *
 * @returns ends it
 */
export function keepAsking<Answer>({ ask, onAnswer, onProblem, everyMs }: Asking<Answer>): () => void {
  const gone = new AbortController();
  const { signal } = gone;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const once = async () => {
    let nextMs = everyMs;
    const limit = AbortSignal.timeout(everyMs === undefined ? LIMIT_MS.once : LIMIT_MS.again);
    try {
      const answer = await ask(AbortSignal.any([signal, limit]));
      if (signal.aborted) return;
      onAnswer(answer);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(error);
      if (mayPass(problem)) nextMs = Math.min(RETRY_MS, everyMs ?? RETRY_MS);
      onProblem(problem);
    }
    if (nextMs !== undefined) timer = setTimeout(whenVisible, nextMs);
  };
  const whenVisible = () => {
    if (signal.aborted) return;
    if (!document.hidden) void once();
    else document.addEventListener("visibilitychange", whenVisible, { once: true, signal });
  };
  void once();
  return () => {
    gone.abort();
    clearTimeout(timer);
  };
}

/** No answer, too many requests, or an outage behind the server; other refusals stay as they are. */
function mayPass({ status }: Problem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "", error instanceof Error ? error.message : String(error));
}
