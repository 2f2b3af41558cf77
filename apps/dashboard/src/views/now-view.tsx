import type { Overview } from "@pedidos/contract";
import { read } from "../api/client.ts";
import { FlowFigures } from "../parts/flow-figures.tsx";
import { FlowPlot } from "../parts/flow-plot.tsx";
import { Headline } from "../parts/headline.tsx";
import { Health } from "../parts/health.tsx";
import { Live } from "../parts/live.tsx";
import { NewestOrders } from "../parts/newest-orders.tsx";
import { RefusedOrders } from "../parts/refused-orders.tsx";
import { usePage } from "../state/page.ts";
import { useAsked } from "../state/use-asked.ts";

const EVERY_MS = 3_000;

/** The current state: a sentence, the last 15 minutes, the backlog, what it depends on, the newest orders. */
export function NowView({ query }: { readonly query: URLSearchParams }) {
  const { may } = usePage();
  const mayMeasure = may("metrics:read");
  const {
    answer: overview,
    problem,
    staleSince,
  } = useAsked(
    async (signal) => (mayMeasure ? await read<Overview>("/v1/overview", {}, signal) : undefined),
    "overview",
    EVERY_MS,
  );
  const newest = overview?.history.at(-1);
  return (
    <div class="now">
      <Headline overview={overview} problem={problem} isKnown={mayMeasure} />
      {overview !== undefined && (
        <Live staleSince={staleSince}>
          <FlowPlot overview={overview} range={query.get("range")} />
          <FlowFigures overview={overview} />
          <RefusedOrders refused={overview.refused} />
        </Live>
      )}
      <div class="beside">
        {may("orders:read") && <NewestOrders ratePerSecond={newest?.recorded ?? 0} />}
        {overview !== undefined && (
          <Live staleSince={staleSince}>
            <Health overview={overview} />
          </Live>
        )}
      </div>
    </div>
  );
}
