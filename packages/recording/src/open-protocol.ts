import type { Line } from "./line.ts";
import { type Effect, type Event, RULES, type Rules, type State, startState, step } from "./protocol.ts";

/** The protocol's machine with its state. Loops report events to it; one place performs the effects. */
export type Protocol = {
  readonly state: () => State<Line>;
  readonly report: (event: Event<Line>) => void;
  /** Resolves when the state is such, at once if it is. */
  readonly until: (met: (state: State<Line>) => boolean) => Promise<void>;
  /** Calls back after each event. */
  readonly onChange: (listener: () => void) => void;
  readonly onEffect: (perform: (effect: Effect<Line>) => void) => void;
};

export function openProtocol(rules: Rules = RULES): Protocol {
  let state = startState<Line>(performance.now());
  let perform: (effect: Effect<Line>) => void = () => {};
  const listeners: (() => void)[] = [];
  let waiting: { readonly met: (state: State<Line>) => boolean; readonly resolve: () => void }[] = [];

  function report(event: Event<Line>): void {
    const [next, effects] = step(state, event, performance.now(), rules);
    state = next;
    for (const effect of effects) perform(effect);
    for (const listener of listeners) listener();
    if (waiting.length === 0) return;
    const met = waiting.filter((one) => one.met(state));
    waiting = waiting.filter((one) => !met.includes(one));
    for (const { resolve } of met) resolve();
  }

  return {
    state: () => state,
    report,
    until(met) {
      if (met(state)) return Promise.resolve();
      return new Promise((resolve) => waiting.push({ met, resolve }));
    },
    onChange: (listener) => void listeners.push(listener),
    onEffect(next) {
      perform = next;
    },
  };
}
