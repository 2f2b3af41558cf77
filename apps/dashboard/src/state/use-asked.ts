import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api/client.ts";

export type Asked<Answer> = {
  /** The newest answer; it stays while the server does not answer. */
  readonly answer: Answer | undefined;
  readonly problem: Problem | undefined;
  readonly askAgain: () => void;
};

/**
 * Asks at once, whenever `about` changes, and again every so often while the page is visible.
 *
 * @param everyMs left out: once
 */
export function useAsked<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  about: string,
  everyMs?: number,
): Asked<Answer> {
  const [state, setState] = useState<{ about: string; answer?: Answer; problem?: Problem }>({ about });
  const [round, setRound] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async () => {
      try {
        const answer = await asking.current(gone.signal);
        if (!gone.signal.aborted) setState({ about, answer });
      } catch (error) {
        if (gone.signal.aborted) return;
        const problem = problemOf(error);
        setState((before) => (before.about === about ? { ...before, problem } : { about, problem }));
      }
      if (everyMs !== undefined && !gone.signal.aborted) timer = setTimeout(again, everyMs);
    };
    // The page is hidden: nothing is asked until it is visible.
    const again = () => {
      if (!document.hidden) void once();
      else document.addEventListener("visibilitychange", again, { once: true, signal: gone.signal });
    };
    void once();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [about, everyMs, round]);
  const askAgain = useCallback(() => setRound((before) => before + 1), []);
  const isOfNow = state.about === about;
  return { answer: isOfNow ? state.answer : undefined, problem: isOfNow ? state.problem : undefined, askAgain };
}

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "", error instanceof Error ? error.message : String(error));
}
