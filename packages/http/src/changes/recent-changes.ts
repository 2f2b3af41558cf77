import { type Change, type ChangePosition, comparePositions } from "@pedidos/persistence";

const MOST = 2_000;

export type RecentChanges = ReturnType<typeof openRecentChanges>;

/**
 * Keeps the newest changes for all that follow; a follower that is further behind reads from the database.
 *
 * @param start everything after this place is going to be added
 */
export function openRecentChanges(start: ChangePosition) {
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
    /** Where the next that is found goes on. */
    end: () => changes.at(-1)?.position ?? since,
    add(found: readonly Change[]): void {
      changes.push(...found);
      const surplus = changes.splice(0, Math.max(0, changes.length - MOST));
      since = surplus.at(-1)?.position ?? since;
    },
    /** → up to `count` after a place; undefined if that lies further back than what is held. */
    after(position: ChangePosition, count: number): readonly Change[] | undefined {
      if (comparePositions(position, since) < 0) return undefined;
      const first = indexAfter(position);
      return changes.slice(first, first + count);
    },
  };
}
