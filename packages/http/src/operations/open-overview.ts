import type { QueueDepths } from "@pedidos/broker";
import { Overview, type Readiness } from "@pedidos/contract";
import type { AcceptedOrders } from "@pedidos/intake";
import { shareReading } from "@pedidos/process";
import type { KnownHorizon, Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { keepHistory } from "./keep-history.ts";
import { watchDelays } from "./watch-delays.ts";

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
/** However often the page asks, the database and the broker are asked no oftener than this. */
const READING = { maxAgeMs: 1_000, timeoutMs: 1_500 };

/** The whole at a glance. It takes samples every 5 seconds, asked or not, so that the last 15 minutes are there. */
export function openOverview({ store, system, horizon }: OverviewSource) {
  const { accepted } = system;
  const history = keepHistory({ accepted: accepted.total, horizon, count: store.countChanges });
  const delays = watchDelays(store.findRecordingTimes);
  const readBacklog = shareReading(store.measureBacklog, READING);
  const readReadiness = shareReading(system.readiness, READING);
  let timer: NodeJS.Timeout | undefined;
  let isSampling = false;

  async function sample(): Promise<void> {
    if (isSampling) return;
    isSampling = true;
    await history.sample();
    // The database is away: the next sample covers this one.
    await delays.sample(accepted.takeSamples()).catch(() => {});
    isSampling = false;
  }

  return {
    start(): void {
      void sample();
      timer = setInterval(sample, SAMPLE_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
    async read(): Promise<Overview> {
      const [readiness, backlog, queues] = await Promise.all([readReadiness(), readBacklog(), system.queueDepths()]);
      return {
        readiness: readiness ?? { status: "unavailable", dependencies: { database: "down" } },
        backlog: {
          queues: queues ?? null,
          spool: backlog ? { orders: backlog.spoolRows, oldestSeconds: rounded(backlog.spoolSeconds, 1) } : null,
          outbox: backlog ? { commits: backlog.outboxRows, oldestSeconds: rounded(backlog.outboxSeconds, 1) } : null,
        },
        delays: delays.read(),
        sampleSeconds: SAMPLE_MS / 1_000,
        history: history.read().map(({ at, accepted, recorded, rejected }) => ({
          at: new Date(at).toISOString(),
          accepted: rounded(accepted, 2),
          recorded: recorded && rounded(recorded, 2),
          rejected: rejected && rounded(rejected, 2),
        })),
      };
    },
  };
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** `GET /v1/overview`: rates of the last 15 minutes, backlogs, delays, and how the database and the broker are. */
export function readOverview({ read }: { readonly read: () => Promise<Overview> }) {
  return route("GET", "/v1/overview", {
    scope: "metrics:read",
    operationId: "readOverview",
    summary: "Read at a glance how it goes",
    description:
      "What the page at `/` shows. `recorded`, `rejected` and the backlog are the whole system's; `accepted` and `delays` are of the orders that this instance accepted, since it started. Nothing here is kept on disk.",
    tags: ["Health"],
    response: { 200: json("How it goes.", Overview) },
    handle: async (_request, reply, answerJson) =>
      answerJson(reply.header("cache-control", "no-store"), 200, await read()),
  });
}
