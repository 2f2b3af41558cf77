import type { OrderTrace, RecordedOrder, TracedRejection } from "@pedidos/contract";

/** A step of an order's way, as far as it is known. */
export type Step =
  | { readonly kind: "placed" | "recorded"; readonly at: string }
  | { readonly kind: "accepted" | "takenOver" | "announced" | "notAnnounced" | "notKnown" }
  | { readonly kind: "deferred"; readonly at: string; readonly refusals: number }
  | { readonly kind: "rejection"; readonly at: string; readonly rejection: TracedRejection };

/** → the steps in their order. When it was accepted or announced is not kept, only that it was. */
export function timelineOf(
  order: RecordedOrder | null,
  { recorded, rejections, waiting }: OrderTrace,
): readonly Step[] {
  const rejected = rejections
    .map((rejection) => ({ kind: "rejection", at: rejection.firstSeenAt, rejection }) as const)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const recordedAt = order?.recordedAt ?? recorded?.recordedAt;
  const placed: Step[] = order?.placedAt == null ? [] : [{ kind: "placed", at: order.placedAt }];
  if (recordedAt === undefined) {
    const deferred: Step[] =
      waiting?.deferred == null
        ? []
        : [{ kind: "deferred", at: waiting.deferred.retryAt, refusals: waiting.deferred.refusals }];
    return [...rejected, ...deferred];
  }
  const own: Step[] = recorded?.isTakenOver
    ? [{ kind: "takenOver" }, { kind: "recorded", at: recordedAt }]
    : [{ kind: "accepted" }, { kind: "recorded", at: recordedAt }, { kind: announcement(recorded) }];
  const isBefore = ({ at }: { readonly at: string }) => at < recordedAt;
  return [...placed, ...rejected.filter(isBefore), ...own, ...rejected.filter((step) => !isBefore(step))];
}

function announcement(recorded: OrderTrace["recorded"]): "announced" | "notAnnounced" | "notKnown" {
  if (recorded?.isAnnounced == null) return "notKnown";
  return recorded.isAnnounced ? "announced" : "notAnnounced";
}
