import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client.ts";
import { keepAsking } from "./keep-asking.ts";

export type Asked<Answer> = {
  /** The newest answer; it stays while the server does not answer. */
  readonly answer: Answer | undefined;
  readonly problem: Problem | undefined;
  /** When the answer came, if a newer one was asked for and did not come. */
  readonly staleSince: string | undefined;
  readonly askAgain: () => void;
};

type State<Answer> = { about: string; answer?: Answer; answeredAt?: string; problem?: Problem };

/**
 * Asks at once, whenever `about` changes, and again every so often; see {@link keepAsking}.
 *
 * @param everyMs left out: once
 */
export function useAsked<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  about: string,
  everyMs?: number,
): Asked<Answer> {
  const [state, setState] = useState<State<Answer>>({ about });
  const [round, setRound] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(
    () =>
      keepAsking({
        ask: (signal) => asking.current(signal),
        onAnswer: (answer) => setState({ about, answer, answeredAt: new Date().toISOString() }),
        onProblem: (problem) =>
          setState((before) => (before.about === about ? { ...before, problem } : { about, problem })),
        everyMs,
      }),
    [about, everyMs, round],
  );
  const askAgain = useCallback(() => setRound((before) => before + 1), []);
  const { answer, answeredAt, problem }: State<Answer> = state.about === about ? state : { about };
  return { answer, problem, staleSince: problem === undefined ? undefined : answeredAt, askAgain };
}
