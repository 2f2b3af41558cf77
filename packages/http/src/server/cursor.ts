import { limits, readInstant } from "@pedidos/domain";
import type { ChangePosition } from "@pedidos/persistence";
import type { Parameter } from "./read-parameters.ts";

/** Which list a cursor belongs to; one of another list is refused. The feed has one for each kind of change. */
export type CursorKind = "orders" | "customer" | "rejections" | "audit" | ChangePosition["kind"];

/**
 * Where a page ended: a time to the microsecond, and a number that tells apart what has the same time. Of orders that were
 * taken over it is the id that the replaced system gave them, which may be 0 or negative.
 */
export type CursorPosition = { readonly time: string; readonly number: number };

const TAGS: Record<CursorKind, string> = {
  orders: "o",
  customer: "c",
  rejections: "r",
  audit: "a",
  recorded: "e",
  rejected: "x",
};

/** → an opaque text for clients to hand back. */
export function writeCursor(kind: CursorKind, { time, number }: CursorPosition): string {
  return Buffer.from(`${TAGS[kind]} ${time} ${number}`).toString("base64url");
}

/** Reads back what {@link writeCursor} made, and nothing else. */
export function cursorOf(kind: CursorKind): Parameter<CursorPosition> {
  return { parse: (text) => readCursor(kind, text), expected: "a nextCursor of this list, as it was given" };
}

function readCursor(kind: CursorKind, text: string): CursorPosition | undefined {
  const [tag, time = "", digits = "", ...rest] = Buffer.from(text, "base64url").toString().split(" ");
  const position = { time, number: Number(digits) };
  const isWhole = tag === TAGS[kind] && rest.length === 0 && /^(0|-?[1-9][0-9]{0,15})$/.test(digits);
  if (!isWhole || Math.abs(position.number) > limits.id || readInstant(time) === null) return undefined;
  // Base64 has many texts for the same bytes; ours is one of them.
  return writeCursor(kind, position) === text ? position : undefined;
}
