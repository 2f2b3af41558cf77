import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client.ts";
import { problemOf } from "./use-asked.ts";

type Listed<Item> = { readonly items: readonly Item[]; readonly next: string | null };

export type List<Item> = {
  readonly items: readonly Item[];
  /** Whether there are more pages; undefined until the first is there. */
  readonly hasMore: boolean | undefined;
  readonly problem: Problem | undefined;
  readonly isAsking: boolean;
  readonly more: () => void;
  readonly askAgain: () => void;
  readonly drop: (unwanted: (item: Item) => boolean) => void;
};

type State<Item> = { items: readonly Item[]; next: string | null | undefined; problem?: Problem; isAsking: boolean };

/** A list that grows page by page, and begins again when `about` changes. */
export function useList<Item>(ask: (cursor: string | null) => Promise<Listed<Item>>, about: string): List<Item> {
  const empty: State<Item> = { items: [], next: undefined, isAsking: false };
  const [state, setState] = useState(empty);
  const asking = useRef(ask);
  asking.current = ask;
  /** Answers to a request about something else come too late. */
  const generation = useRef(0);
  const isBusy = useRef(false);

  const load = useCallback(async (before: State<Item>) => {
    if (isBusy.current || before.next === null) return;
    isBusy.current = true;
    const mine = generation.current;
    setState((now) => ({ ...now, isAsking: true }));
    try {
      const page = await asking.current(before.next ?? null);
      if (mine !== generation.current) return;
      setState((now) => ({ items: [...now.items, ...page.items], next: page.next, isAsking: false }));
    } catch (error) {
      if (mine === generation.current) setState((now) => ({ ...now, problem: problemOf(error), isAsking: false }));
    } finally {
      if (mine === generation.current) isBusy.current = false;
    }
  }, []);

  const askAgain = useCallback(() => {
    generation.current++;
    isBusy.current = false;
    const anew: State<Item> = { items: [], next: undefined, isAsking: false };
    setState(anew);
    void load(anew);
  }, [load]);

  useEffect(askAgain, [about, askAgain]);

  return {
    items: state.items,
    hasMore: state.next === undefined ? undefined : state.next !== null,
    problem: state.problem,
    isAsking: state.isAsking,
    more: () => void load(state),
    askAgain,
    drop: (unwanted) => setState((now) => ({ ...now, items: now.items.filter((item) => !unwanted(item)) })),
  };
}
