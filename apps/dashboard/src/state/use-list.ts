import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client.ts";
import { keepAsking } from "./keep-asking.ts";

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

type State<Item> = { items: readonly Item[]; next: string | null | undefined; problem?: Problem; isAsking: boolean };

/** A list that grows page by page, each as {@link keepAsking} brings it, and begins again when `about` changes. */
export function useList<Item>(
  ask: (cursor: string | null, signal: AbortSignal) => Promise<Listed<Item>>,
  about: string,
): List<Item> {
  const empty: State<Item> = { items: [], next: undefined, isAsking: false };
  const [state, setState] = useState(empty);
  const asking = useRef(ask);
  asking.current = ask;
  const stop = useRef(() => {});

  const load = useCallback((cursor: string | null) => {
    stop.current();
    setState((now) => ({ ...now, isAsking: true }));
    stop.current = keepAsking({
      ask: (signal) => asking.current(cursor, signal),
      onAnswer: (page) =>
        setState((now) => ({ items: [...now.items, ...page.items], next: page.next, isAsking: false })),
      onProblem: (problem) => setState((now) => ({ ...now, problem, isAsking: false })),
    });
  }, []);

  const askAgain = useCallback(() => {
    setState({ items: [], next: undefined, isAsking: false });
    load(null);
  }, [load]);

  useEffect(() => {
    askAgain();
    return () => stop.current();
  }, [about, askAgain]);

  return {
    items: state.items,
    hasMore: state.next === undefined ? undefined : state.next !== null,
    problem: state.problem,
    isAsking: state.isAsking,
    more: () => {
      if (!state.isAsking && state.next != null) load(state.next);
    },
    retry: () => load(state.next ?? null),
    askAgain,
    drop: (unwanted) => setState((now) => ({ ...now, items: now.items.filter((item) => !unwanted(item)) })),
  };
}
