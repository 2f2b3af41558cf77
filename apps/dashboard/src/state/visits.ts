/** How many places of the history are remembered. */
const MOST = 30;

/** How far each visited place was scrolled when it was left, by the key of its entry in the browser's history. */
const scrolled = new Map<string, number>();
let current = "";

/** Begins a visit of where the browser is now; → how far it was scrolled when it was left before, if it was. */
export function arrive(): number | undefined {
  // What is shown is there later than the browser would scroll.
  history.scrollRestoration = "manual";
  const known: unknown = history.state;
  current = typeof known === "string" ? known : crypto.randomUUID();
  if (current !== known) history.replaceState(current, "");
  return scrolled.get(current);
}

/** Ends the visit, before anything else is shown. */
export function leave(): void {
  remember(scrolled, current, scrollY);
}

/** What belongs to a visit and not to others, such as the rows that a list has. */
export function visitedKey(about: string): string {
  return `${current} ${about}`;
}

/** Keeps a value, and of all the newest ones alone. */
export function remember<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.delete(key);
  kept.set(key, value);
  for (const oldest of kept.keys()) if (kept.size > MOST) kept.delete(oldest);
}
