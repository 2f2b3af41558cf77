import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client.ts";
import { keepAsking } from "./keep-asking.ts";
import { remember, visitedKey } from "./visits.ts";

type Listed<Item> = { readonly items: readonly Item[]; readonly next: string | null };

export type List<Item> = {
  readonly items: readonly Item[];
  /** Whether there are more pages; undefined until the first is there. */
  readonly hasMore: boolean | undefined;
  readonly problem: Problem | undefined;
  readonly isAsking: boolean;
  readonly more: () => void;
  /** Asks at once for the page that did not come. */
  readonly retry: () => void;
  /** Begins again with the first page. */
  readonly askAgain: () => void;
  readonly drop: (unwanted: (item: Item) => boolean) => void;
};

type State<Item> = {
  readonly about: string;
  readonly items: readonly Item[];
  readonly next: string | null | undefined;
  readonly problem?: Problem;
  readonly isAsking: boolean;
};

/** The rows of lists that were left, so that Back finds them as they were. One for each kind of list. */
export type KeptLists<Item> = Map<string, State<Item>>;

/** A list that grows page by page, each as {@link keepAsking} brings it, and begins again when `about` changes. */
export function useList<Item>(
  ask: (cursor: string | null, signal: AbortSignal) => Promise<Listed<Item>>,
  about: string,
  kept: KeptLists<Item>,
): List<Item> {
  const empty: State<Item> = { about, items: [], next: undefined, isAsking: false };
  const [state, setState] = useState(() => kept.get(visitedKey(about)) ?? empty);
  const asking = useRef(ask);
  asking.current = ask;
  const stop = useRef(() => {});

  const load = useCallback((cursor: string | null) => {
    stop.current();
    setState((now) => ({ ...now, isAsking: true }));
    stop.current = keepAsking({
      ask: (signal) => asking.current(cursor, signal),
      onAnswer: ({ items, next }) =>
        setState((now) => ({ about: now.about, items: [...now.items, ...items], next, isAsking: false })),
      onProblem: (problem) => setState((now) => ({ ...now, problem, isAsking: false })),
    });
  }, []);

  const askAgain = useCallback(() => {
    setState({ about, items: [], next: undefined, isAsking: false });
    load(null);
  }, [about, load]);

  useEffect(() => {
    const before = state.about === about ? state : kept.get(visitedKey(about));
    if (before?.next === undefined) askAgain();
    else setState(before);
    return () => stop.current();
  }, [about]);

  useEffect(() => {
    if (state.next !== undefined && !state.isAsking) remember(kept, visitedKey(state.about), state);
  });

  const shown = state.about === about ? state : empty;
  return {
    items: shown.items,
    hasMore: shown.next === undefined ? undefined : shown.next !== null,
    problem: shown.problem,
    isAsking: shown.isAsking,
    more: () => {
      if (!shown.isAsking && shown.next != null) load(shown.next);
    },
    retry: () => load(shown.next ?? null),
    askAgain,
    drop: (unwanted) => setState((now) => ({ ...now, items: now.items.filter((item) => !unwanted(item)) })),
  };
}
