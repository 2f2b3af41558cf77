import type { Overview, VolumeRange, Volumes } from "@pedidos/contract";
import { useMemo } from "preact/hooks";
import { read } from "../api/client.ts";
import { usePage } from "../state/page.ts";
import { lineNames, pointsOfRates, pointsOfVolumes } from "../state/plot-lines.ts";
import { beginOfDay, sumVolumes, type VolumeTotals } from "../state/sum-volumes.ts";
import { useAsked } from "../state/use-asked.ts";
import { Exact } from "./exact.tsx";
import { Live } from "./live.tsx";
import { Plotted } from "./plotted.tsx";
import { Trouble } from "./trouble.tsx";

const LIVE_SECONDS = 15 * 60;
const VOLUMES_EVERY_MS = 30_000;
const ranges = ["live", "hour", "day", "week"] as const;

type FlowPlotProps = { readonly overview: Overview; readonly range: string | null };

/** What goes through: the rates of the last 15 minutes, or what was recorded in a longer range, with its totals. */
export function FlowPlot({ overview, range }: FlowPlotProps) {
  const { speech, may } = usePage();
  const { plot } = speech.words;
  const shown = ranges.find((name) => name === range && may("orders:read")) ?? "live";
  return (
    <section class="plot" aria-labelledby="plot-title">
      <div class="title-row">
        <h2 id="plot-title">{plot.titles[shown]}</h2>
        {may("orders:read") && (
          <ul class="ranges" aria-label={plot.range}>
            {ranges.map((name) => (
              <li key={name}>
                <a
                  href={name === "live" ? "#/" : `#/?range=${name}`}
                  aria-current={name === shown ? "true" : undefined}
                >
                  {plot.ranges[name]}
                </a>
              </li>
            ))}
          </ul>
        )}
      </div>
      {shown === "live" ? <Rates overview={overview} /> : <VolumePlot key={shown} range={shown} />}
    </section>
  );
}

function Rates({ overview: { history, sampleSeconds } }: { readonly overview: Overview }) {
  const { speech } = usePage();
  const { plot } = speech.words;
  const points = useMemo(() => pointsOfRates(history, sampleSeconds), [history, sampleSeconds]);
  return (
    <Plotted
      title={plot.titles.live}
      lines={lineNames}
      points={points}
      spanSeconds={LIVE_SECONDS}
      format={(rate) => plot.perSecond(speech.rate(rate))}
      formatTime={(atMs) => speech.clock(new Date(atMs).toISOString())}
    />
  );
}

function VolumePlot({ range }: { readonly range: VolumeRange }) {
  const { speech } = usePage();
  const { plot } = speech.words;
  const { answer, problem, staleSince } = useAsked(
    (signal) => read<Volumes>("/v1/volumes", { range }, signal),
    `volumes ${range}`,
    VOLUMES_EVERY_MS,
  );
  const points = useMemo(() => (answer === undefined ? [] : pointsOfVolumes(answer)), [answer]);
  if (answer === undefined) return problem === undefined ? <p class="status">…</p> : <Trouble problem={problem} />;
  return (
    <Live staleSince={staleSince}>
      <dl class="facts">
        {range === "day" && <Totals name={plot.today} totals={sumVolumes(answer, beginOfDay(new Date()))} />}
        <Totals name={plot.ranges[range]} totals={sumVolumes(answer)} />
      </dl>
      <Plotted
        title={plot.titles[range]}
        lines={["recorded", "rejected"]}
        points={points}
        spanSeconds={points.length * answer.bucketSeconds}
        format={speech.whole}
        formatTime={speech.shortMoment}
      />
    </Live>
  );
}

function Totals({ name, totals }: { readonly name: string; readonly totals: VolumeTotals }) {
  const { speech } = usePage();
  const { plot } = speech.words;
  return (
    <div>
      <dt>
        {name} {!totals.isComplete && <small>{plot.incomplete}</small>}
      </dt>
      <dd>
        {plot.orders(speech.whole(totals.recorded))} <Exact>{speech.money(totals.totalValue)}</Exact>
      </dd>
    </div>
  );
}
