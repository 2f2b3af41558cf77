import { type Change, type ChangePosition, comparePositions } from "@pedidos/persistence";

/** The newest changes, held for all that follow; who is further behind reads from the database. */
export type RecentChanges = {
  /** Where the next that is found goes on. */
  readonly end: () => ChangePosition;
  readonly add: (found: readonly Change[]) => void;
  /** → up to `count` after a place; undefined where that lies further back than what is held. */
  readonly after: (position: ChangePosition, count: number) => readonly Change[] | undefined;
};

const MOST = 2_000;

/** @param start everything after this place is going to be added */
export function openRecentChanges(start: ChangePosition): RecentChanges {
  let since = start;
  const changes: Change[] = [];

  /** → the index of the first one after a place. */
  function indexAfter(position: ChangePosition): number {
    let [low, high] = [0, changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const change = changes[middle];
      if (change !== undefined && comparePositions(change.position, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    end: () => changes.at(-1)?.position ?? since,
    add(found) {
      changes.push(...found);
      const surplus = changes.splice(0, Math.max(0, changes.length - MOST));
      since = surplus.at(-1)?.position ?? since;
    },
    after(position, count) {
      if (comparePositions(position, since) < 0) return undefined;
      const first = indexAfter(position);
      return changes.slice(first, first + count);
    },
  };
}
