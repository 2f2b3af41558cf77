import { type EventKind, eventKinds } from "@pedidos/contract";

const kinds: readonly EventKind[] = eventKinds.map(({ kind }) => kind);

/**
 * A place in the feed of changes, which runs by time (RFC 3339, to the microsecond), orders before rejections of the same
 * time (the order of `eventKinds`), and then by the order's `seq` or the rejection's id.
 */
export type ChangePosition = {
  readonly time: string;
  readonly kind: EventKind;
  readonly number: number;
};

/** → the place before everything of this time. */
export function startOf(time: string): ChangePosition {
  return { time, kind: "recorded", number: 0 };
}

/** → below 0 where `a` comes before `b`, above 0 where after. */
export function comparePositions(a: ChangePosition, b: ChangePosition): number {
  const byTime = microsOf(a.time) - microsOf(b.time);
  if (byTime !== 0) return byTime;
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.number - b.number;
}

/** → microseconds since 1970 of a time as {@link openDatabase} gives it; texts do not sort, as zeros at their end are left out. */
export function microsOf(time: string): number {
  const [seconds = "", fraction = ""] = time.slice(0, -1).split(".");
  return Date.parse(`${seconds}Z`) * 1_000 + Number(fraction.padEnd(6, "0"));
}
