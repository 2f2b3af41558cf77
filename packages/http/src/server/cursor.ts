import { limits, readInstant } from "@pedidos/domain";
import type { ChangePosition } from "@pedidos/persistence";
import { LIMIT, type Parameter } from "./read-parameters.ts";

/** The list that a cursor belongs to; another list refuses it. The feed has a cursor for each kind of change. */
export type CursorKind = "orders" | "customer" | "rejections" | "audit" | ChangePosition["kind"];

/**
 * The end of a page: a time to the microsecond, and a number that orders rows of the same time. Orders that were taken
 * over have the replaced system's id as their number, which may be 0 or negative.
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

/** → an opaque text that clients send back. */
export function writeCursor(kind: CursorKind, { time, number }: CursorPosition): string {
  return Buffer.from(`${TAGS[kind]} ${time} ${number}`).toString("base64url");
}

/** Reads a text that {@link writeCursor} wrote, and no other. */
export function cursorOf(kind: CursorKind): Parameter<CursorPosition> {
  return {
    schema: { type: "string" },
    description: "The nextCursor of the page before, as it was given.",
    expected: "a nextCursor of this list, as it was given",
    parse: (text) => readCursor(kind, text),
  };
}

/** The parameters of every list. */
export function pageOf(kind: CursorKind) {
  return { limit: LIMIT, cursor: cursorOf(kind) };
}

function readCursor(kind: CursorKind, text: string): CursorPosition | undefined {
  const [tag, time = "", digits = "", ...rest] = Buffer.from(text, "base64url").toString().split(" ");
  const position = { time, number: Number(digits) };
  const isWhole = tag === TAGS[kind] && rest.length === 0 && /^(0|-?[1-9][0-9]{0,15})$/.test(digits);
  if (!isWhole || Math.abs(position.number) > limits.id || readInstant(time) === null) return undefined;
  // Base64 has many texts for the same bytes; only ours is accepted.
  return writeCursor(kind, position) === text ? position : undefined;
}
