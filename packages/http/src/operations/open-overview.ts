import type { QueueDepths } from "@pedidos/broker";
import type { Delays, Readiness } from "@pedidos/contract";
import type { AcceptedOrders } from "@pedidos/intake";
import type { MeasuredBacklog } from "@pedidos/persistence";
import { shareReading } from "@pedidos/process";
import type { KnownHorizon } from "../changes/require-horizon.ts";
import type { Store } from "../open-store.ts";
import { keepHistory, type RateSample } from "./keep-history.ts";
import { watchDelays } from "./watch-delays.ts";

export type Snapshot = {
  readonly sampleSeconds: number;
  readonly history: readonly RateSample[];
  readonly delays: Delays;
  /** Undefined where the database, or the broker, does not say. */
  readonly backlog: MeasuredBacklog | undefined;
  readonly queues: QueueDepths | undefined;
  readonly readiness: Readiness;
};

export type Overview = {
  start(): void;
  stop(): void;
  read(): Promise<Snapshot>;
};

export type OverviewSource = {
  readonly store: Pick<Store, "countChanges" | "findRecordingTimes" | "measureBacklog">;
  readonly system: {
    readonly accepted: AcceptedOrders;
    readonly queueDepths: () => Promise<QueueDepths | undefined>;
    readonly readiness: () => Promise<Readiness>;
  };
  readonly horizon: KnownHorizon;
};

const SAMPLE_MS = 5_000;
/** However many look at the page, the database and the broker are asked no oftener than this. */
const READING = { maxAgeMs: 1_000, timeoutMs: 1_500 };

/** What one sees of the whole at a glance. Looks every 5 seconds, asked or not, so that the last 15 minutes are there. */
export function openOverview({ store, system, horizon }: OverviewSource): Overview {
  const { accepted } = system;
  const history = keepHistory({ accepted: accepted.total, horizon, count: store.countChanges });
  const delays = watchDelays(store.findRecordingTimes);
  const backlog = shareReading(store.measureBacklog, READING);
  const readiness = shareReading(system.readiness, READING);
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    await history.look();
    // The database is away: the next look tells more.
    await delays.look(accepted.takeSamples()).catch(() => {});
    isLooking = false;
  }

  return {
    start() {
      void look();
      timer = setInterval(look, SAMPLE_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
    async read() {
      const [ready, waits, queues] = await Promise.all([readiness(), backlog(), system.queueDepths()]);
      return {
        sampleSeconds: SAMPLE_MS / 1_000,
        history: history.read(),
        delays: delays.read(),
        backlog: waits,
        queues,
        readiness: ready ?? { status: "unavailable", dependencies: { database: "down" } },
      };
    },
  };
}
