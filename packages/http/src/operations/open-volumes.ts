import { type VolumeRange, Volumes, volumeRangeNames, volumeRanges } from "@pedidos/contract";
import type { PeriodSums } from "@pedidos/persistence";
import type { KnownHorizon } from "../open-store.ts";
import { json, route } from "../route.ts";
import { choice } from "../server/read-parameters.ts";

export type VolumeSource = {
  readonly horizon: KnownHorizon;
  readonly sum: (period: { readonly from: string; readonly before: string }) => Promise<PeriodSums>;
};

/** How long one reading sums; the next one goes on. */
const BUDGET_MS = 2_000;
const MAX_WAIT_MS = 200;

type Bucket = Volumes["buckets"][number];

/**
 * Sums what was recorded, bucket by bucket, each once: what lies before the horizon changes no more. One reading of a range
 * at a time, however many ask.
 */
export function openVolumes({ horizon, sum }: VolumeSource, now = () => performance.now()) {
  const finished = new Map<VolumeRange, ReadonlyMap<number, PeriodSums>>();
  const running = new Map<VolumeRange, Promise<Volumes>>();

  async function readAnew(range: VolumeRange): Promise<Volumes> {
    const { bucketSeconds, buckets: most } = volumeRanges[range];
    const before = await horizon(MAX_WAIT_MS);
    const [lengthMs, endMs] = [bucketSeconds * 1_000, Date.parse(before)];
    const newestMs = Math.floor(endMs / lengthMs) * lengthMs;
    const [known, kept, deadline] = [finished.get(range), new Map<number, PeriodSums>(), now() + BUDGET_MS];
    const buckets: Bucket[] = [];
    // The newest first, as they are looked at first.
    for (let startMs = newestMs; startMs > newestMs - most * lengthMs; startMs -= lengthMs) {
      const from = new Date(startMs).toISOString();
      const isOver = startMs < newestMs;
      const end = isOver ? new Date(startMs + lengthMs).toISOString() : before;
      const counts =
        known?.get(startMs) ?? (now() < deadline ? await sum({ from, before: end }).catch(() => null) : null);
      if (isOver && counts !== null) kept.set(startMs, counts);
      buckets.unshift({ from, counts });
    }
    finished.set(range, kept);
    return { range, bucketSeconds, buckets };
  }

  return {
    read(range: VolumeRange): Promise<Volumes> {
      const under = running.get(range);
      if (under !== undefined) return under;
      const reading = readAnew(range).finally(() => running.delete(range));
      running.set(range, reading);
      return reading;
    },
  };
}

/** `GET /v1/volumes`: how many orders were recorded, and of what value, over a range of time. */
export function readVolumes({ read }: Pick<ReturnType<typeof openVolumes>, "read">) {
  return route("GET", "/v1/volumes", {
    scope: "orders:read",
    query: { range: choice(volumeRangeNames, "How long a time, up to now; the default is an hour.") },
    operationId: "readVolumes",
    summary: "Read how many orders were recorded, and their value, over time",
    description:
      "Of the last hour (the default) by the minute, of the last 25 hours by the quarter of an hour, of the last week by the hour.",
    tags: ["Orders"],
    response: { 200: json("The buckets.", Volumes) },
    refusals: [503],
    handle: async (_request, reply, answerJson, { range = "hour" }) =>
      answerJson(reply.header("cache-control", "no-store"), 200, await read(range)),
  });
}
