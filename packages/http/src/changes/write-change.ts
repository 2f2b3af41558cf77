import { eventKinds } from "@pedidos/contract";
import type { ChangePosition } from "@pedidos/persistence";
import { cursorOf, writeCursor } from "../server/cursor.ts";
import type { Parameter } from "../server/read-parameters.ts";

/** → a cursor after which the changes beyond a place come. */
export function writeChangeCursor({ kind, ...position }: ChangePosition): string {
  return writeCursor(kind, position);
}

/** Where to go on: a cursor of the feed, or "now". */
export const CHANGE_CURSOR: Parameter<ChangePosition | "now"> = {
  schema: { type: "string" },
  description: "Where to go on: a nextCursor, an event's id, or `now`.",
  example: "now",
  expected: 'the nextCursor of a page of changes, the id of an event, or "now"',
  parse(text) {
    if (text === "now") return "now";
    for (const { kind } of eventKinds) {
      const position = cursorOf(kind).parse(text);
      if (position !== undefined) return { ...position, kind };
    }
    return undefined;
  },
};
