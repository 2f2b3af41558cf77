import type { QueueDepths } from "@pedidos/broker";
import { DEAD_LETTER_QUEUE, Overview, type Readiness } from "@pedidos/contract";
import { INTAKE_QUEUE, orderQueues, PEDIDOS_QUEUE } from "@pedidos/domain";
import type { AcceptedOrders } from "@pedidos/intake";
import { shareReading } from "@pedidos/process";
import type { KnownHorizon, Store } from "../open-store.ts";
import type { RefusedOrders } from "../orders/count-refused.ts";
import { json, route } from "../route.ts";
import { keepHistory } from "./keep-history.ts";
import { watchDelays } from "./watch-delays.ts";
import { watchProgress } from "./watch-progress.ts";

type Asked = "countChanges" | "countOpenRejections" | "findRecordingTimes" | "measureBacklog" | "readConsuming";

export type OverviewSource = {
  readonly store: Pick<Store, Asked>;
  readonly system: {
    readonly accepted: AcceptedOrders;
    readonly queueDepths: () => Promise<QueueDepths | undefined>;
    readonly isRecorder: boolean;
    readonly readiness: () => Promise<Readiness>;
  };
  readonly horizon: KnownHorizon;
  readonly refused: Pick<RefusedOrders, "read">;
};

const SAMPLE_MS = 5_000;
/** However often the page asks, the database and the broker are asked no oftener than this. */
const READING = { maxAgeMs: 1_000, timeoutMs: 1_500 };
/** Longer than a probe of a database that does not answer: how a broker is that stands alone must be known. */
const READING_READINESS = { maxAgeMs: 1_000, timeoutMs: 4_500 };
/** Counting them reads thousands of rows where there are as many. */
const READING_REJECTIONS = { maxAgeMs: SAMPLE_MS, timeoutMs: 1_500 };

/** The whole at a glance. It takes samples every 5 seconds, asked or not, so that the last 15 minutes are there. */
export function openOverview({ store, system, horizon, refused }: OverviewSource) {
  const { accepted } = system;
  const history = keepHistory({ accepted: accepted.total, horizon, count: store.countChanges });
  const delays = watchDelays(store.findRecordingTimes);
  const progress = watchProgress();
  const readBacklog = shareReading(store.measureBacklog, READING);
  const readReadiness = shareReading(system.readiness, READING_READINESS);
  const readRejections = shareReading(store.countOpenRejections, READING_REJECTIONS);

  async function sample(): Promise<void> {
    await history.sample();
    // The database is away: the next sample covers this one.
    const found = await delays.sample(accepted.takeSamples()).catch(() => 0);
    const { recorded, rejected } = history.read().at(-1) ?? {};
    progress.note({
      at: Date.now(),
      settled: recorded == null ? found : recorded + (rejected ?? 0) + found,
      waiting: await countWaiting(),
    });
  }

  /** → how much waits to be recorded, at least; null if nobody says, 0 where it is meant to wait. */
  async function countWaiting(): Promise<number | null> {
    const isPaused = store.readConsuming().then(({ paused }) => paused);
    const [backlog, queues, paused] = await Promise.all([
      readBacklog(),
      system.queueDepths(),
      isPaused.catch(() => false),
    ]);
    if (paused) return 0;
    const queued = orderQueues.map((queue) => queues?.[queue]?.messages ?? 0);
    const known = (backlog?.spoolRows ?? 0) + queued.reduce((sum, messages) => sum + messages) + delays.read().waiting;
    return known === 0 && backlog === undefined && queues === undefined ? null : known;
  }

  return {
    ...repeat(sample),
    async read(): Promise<Overview> {
      const [readiness, backlog, queues, rejections] = await Promise.all([
        readReadiness(),
        readBacklog(),
        system.queueDepths(),
        readRejections(),
      ]);
      const stalledSince = progress.stalledSince();
      return {
        readiness: readiness ?? { status: "unavailable", dependencies: { database: "down" } },
        backlog: {
          queues: queues === undefined ? null : messagesIn(queues),
          spool: backlog ? { orders: backlog.spoolRows, oldestSeconds: rounded(backlog.spoolSeconds, 1) } : null,
          outbox: backlog ? { commits: backlog.outboxRows, oldestSeconds: rounded(backlog.outboxSeconds, 1) } : null,
        },
        consumers: system.isRecorder ? 1 : (queues?.[INTAKE_QUEUE]?.consumers ?? null),
        stalledSince: stalledSince === null ? null : new Date(stalledSince).toISOString(),
        rejections: rejections ?? null,
        refused: refused.read(),
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

/** Takes a sample every so often, never two at once. */
function repeat(sample: () => Promise<void>) {
  let timer: NodeJS.Timeout | undefined;
  let isSampling = false;
  const once = async () => {
    if (isSampling) return;
    isSampling = true;
    await sample().finally(() => {
      isSampling = false;
    });
  };
  return {
    start(): void {
      void once();
      timer = setInterval(once, SAMPLE_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}

function messagesIn(queues: QueueDepths) {
  return {
    [INTAKE_QUEUE]: queues[INTAKE_QUEUE]?.messages ?? null,
    [PEDIDOS_QUEUE]: queues[PEDIDOS_QUEUE]?.messages ?? null,
    [DEAD_LETTER_QUEUE]: queues[DEAD_LETTER_QUEUE]?.messages ?? null,
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
      "What the page at `/` shows. `recorded`, `rejected` and the backlog are the whole system's; `accepted` and `delays` are of the orders that this instance accepted, and `refused` of those that it refused, since it started. Nothing here is kept on disk.",
    tags: ["Health"],
    response: { 200: json("How it goes.", Overview) },
    handle: async (_request, reply, answerJson) =>
      answerJson(reply.header("cache-control", "no-store"), 200, await read()),
  });
}
