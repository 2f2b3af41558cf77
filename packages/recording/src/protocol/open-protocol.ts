import type { Line } from "../lines/line.ts";
import { openConditions } from "./conditions.ts";
import { type Effect, type Event, RULES, type Rules, type State, startState, step } from "./protocol.ts";

/** The protocol's machine with its state. Loops report events to it; one place performs the effects. */
export type Protocol = {
  readonly state: () => State<Line>;
  readonly report: (event: Event<Line>) => void;
  /** Resolves when the state is such, at once if it is. */
  readonly until: (isMet: (state: State<Line>) => boolean) => Promise<void>;
  /** Calls back after each event. */
  readonly onChange: (listener: () => void) => void;
  readonly onEffect: (perform: (effect: Effect<Line>) => void) => void;
};

export function openProtocol(rules: Rules = RULES): Protocol {
  let state = startState<Line>(performance.now());
  let perform: (effect: Effect<Line>) => void = () => {};
  const listeners: (() => void)[] = [];
  const conditions = openConditions();
  return {
    state: () => state,
    report(event) {
      const [next, effects] = step(state, event, performance.now(), rules);
      state = next;
      for (const effect of effects) perform(effect);
      for (const listener of listeners) listener();
      conditions.check();
    },
    until: (isMet) => conditions.until(() => isMet(state)),
    onChange: (listener) => void listeners.push(listener),
    onEffect(next) {
      perform = next;
    },
  };
}
