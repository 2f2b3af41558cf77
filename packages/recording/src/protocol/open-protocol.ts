import type { Line } from "../lines/line.ts";
import { type Effect, type Event, RULES, type Rules, type State, startState, step } from "./protocol.ts";

export type Protocol = ReturnType<typeof openProtocol>;

/** The protocol's machine with its state. Loops report events to it; one place performs the effects. */
export function openProtocol(rules: Rules = RULES) {
  let state = startState<Line>(performance.now());
  let perform: (effect: Effect<Line>) => void = () => {};
  let onChange = () => {};
  const awaited = new Set<{ readonly isMet: (state: State<Line>) => boolean; readonly resolve: () => void }>();

  function check(): void {
    for (const condition of awaited)
      if (condition.isMet(state)) {
        awaited.delete(condition);
        condition.resolve();
      }
  }

  return {
    state: () => state,
    report(event: Event<Line>): void {
      const [next, effects] = step(state, event, performance.now(), rules);
      state = next;
      for (const effect of effects) perform(effect);
      onChange();
      check();
    },
    /** Resolves when the condition is met, at once if it is. */
    until(isMet: (state: State<Line>) => boolean): Promise<void> {
      if (isMet(state)) return Promise.resolve();
      return new Promise((resolve) => void awaited.add({ isMet, resolve }));
    },
    /** Checks what is awaited; to be called when something other than the state has changed. */
    check,
    /** Calls back after each event. */
    onChange(listener: () => void): void {
      onChange = listener;
    },
    onEffect(performer: (effect: Effect<Line>) => void): void {
      perform = performer;
    },
  };
}
