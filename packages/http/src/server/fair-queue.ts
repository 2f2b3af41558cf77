import type { Client } from "./identify-caller.ts";

/** A queue in which callers take turns: the first item of each, then the second of each, in the order in which they came. */
export function openFairQueue<Item>() {
  const waiting = new Map<string, Item[]>();
  return {
    add(caller: string, item: Item): void {
      const own = waiting.get(caller);
      if (own === undefined) waiting.set(caller, [item]);
      else own.push(item);
    },
    take(): Item | undefined {
      const [next] = waiting;
      if (next === undefined) return undefined;
      const [caller, items] = next;
      const item = items.shift();
      // A map lists its keys in the order in which they were set.
      waiting.delete(caller);
      if (items.length > 0) waiting.set(caller, items);
      return item;
    },
    isEmpty: () => waiting.size === 0,
  };
}

/** Thrown in place of a result that nobody waits for any more. */
export class ClientGone extends Error {
  /** Refused as a bad request, so that it is not logged as a bug of ours. */
  readonly statusCode = 400;
}

/** Runs work for a client, or throws {@link ClientGone} if it has left by the time its work would begin. */
export type FairLimit = <Result>(client: Client, work: () => Promise<Result>) => Promise<Result>;

/** Limits how much runs at once; callers take turns, so that nobody waits for all that another one has brought. */
export function limitFairly(most: number): FairLimit {
  const waiting = openFairQueue<() => void>();
  let active = 0;

  function startNext(): void {
    while (active < most) {
      const start = waiting.take();
      if (start === undefined) return;
      start();
    }
  }

  return (client, work) =>
    new Promise((resolve, reject) => {
      const end = () => {
        active--;
        startNext();
      };
      waiting.add(client.caller, () => {
        if (client.isGone()) return reject(new ClientGone("the client has gone"));
        active++;
        work().then(resolve, reject).finally(end);
      });
      startNext();
    });
}
