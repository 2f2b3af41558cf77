import type { CloudEvent } from "@pedidos/contract";
import { recordedEvent, rejectedEvent } from "@pedidos/domain";
import type { Change, ChangePosition } from "@pedidos/persistence";
import { cursorOf, writeCursor } from "../server/cursor.ts";
import type { Parameter } from "../server/read-parameters.ts";

/** → the event as it is announced on `orders.events`, so that one handler reads both roads. */
export function eventOf(change: Change): CloudEvent {
  return "recorded" in change ? recordedEvent(change.recorded) : rejectedEvent(change.rejected);
}

/** → a cursor after which the changes beyond a place come. */
export function writeChangeCursor({ kind, ...position }: ChangePosition): string {
  return writeCursor(kind, position);
}

/** Where to go on: a cursor of the feed, or "now". */
export const CHANGE_CURSOR: Parameter<ChangePosition | "now"> = {
  expected: 'the nextCursor of a page of changes, the id of an event, or "now"',
  parse(text) {
    if (text === "now") return "now";
    for (const kind of ["recorded", "rejected"] as const) {
      const position = cursorOf(kind).parse(text);
      if (position !== undefined) return { ...position, kind };
    }
    return undefined;
  },
};
