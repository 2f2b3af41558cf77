import type { RateSample } from "@pedidos/contract";
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import { usePage } from "../state/page.ts";
import type { Speech } from "../words/speak.ts";

const SPAN_SECONDS = 15 * 60;
const series = ["accepted", "recorded", "rejected"] as const;

type RatePlotProps = { readonly history: readonly RateSample[]; readonly sampleSeconds: number };

/** Rates of the last 15 minutes as lines, with the newest figures above them; for screen readers, as a table. */
export function RatePlot({ history, sampleSeconds }: RatePlotProps) {
  const { speech } = usePage();
  const { plot } = speech.words;
  const newest = history.at(-1);
  return (
    <section class="plot" aria-labelledby="plot-title">
      <h2 id="plot-title">{plot.title}</h2>
      <dl class="series">
        {series.map((name) => (
          <div key={name} data-series={name}>
            <dt>
              {plot[name]} {name === "accepted" && <small>{plot.acceptedHint}</small>}
            </dt>
            <dd>{newest?.[name] == null ? "–" : plot.perSecond(speech.rate(newest[name]))}</dd>
          </div>
        ))}
      </dl>
      {history.length < 2 ? (
        <p class="status">{plot.waiting}</p>
      ) : (
        <Lines history={history} sampleSeconds={sampleSeconds} speech={speech} />
      )}
      <details>
        <summary>{plot.table}</summary>
        <RateTable history={history} speech={speech} />
      </details>
    </section>
  );
}

type LinesProps = RatePlotProps & { readonly speech: Speech };

function Lines({ history, sampleSeconds, speech }: LinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const data = useMemo(() => toColumns(history, sampleSeconds), [history, sampleSeconds]);
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = () => {
      drawn.current?.destroy();
      drawn.current = new uPlot(optionsFor(element, speech), latest.current, element);
    };
    const resize = new ResizeObserver(() => drawn.current?.setSize(sizeOf(element)));
    const system = matchMedia("(prefers-color-scheme: dark)");
    draw();
    resize.observe(element);
    system.addEventListener("change", draw);
    addEventListener("themechange", draw);
    return () => {
      resize.disconnect();
      system.removeEventListener("change", draw);
      removeEventListener("themechange", draw);
      drawn.current?.destroy();
      drawn.current = null;
    };
  }, [speech]);
  useEffect(() => drawn.current?.setData(data), [data]);

  const { plot } = speech.words;
  const newest = history.at(-1);
  const summary = series.map((name) => `${plot[name]} ${newest?.[name] == null ? "–" : speech.rate(newest[name])}`);
  return <div class="lines" ref={place} role="img" aria-label={`${plot.title}: ${summary.join(", ")}`} />;
}

/** The lines have a gap while this instance was not there. */
function toColumns(history: readonly RateSample[], sampleSeconds: number): uPlot.AlignedData {
  const times: number[] = [];
  const columns: (number | null)[][] = series.map(() => []);
  const add = (time: number, values: readonly (number | null)[]) => {
    times.push(time);
    for (const [index, column] of columns.entries()) column.push(values[index] ?? null);
  };
  for (const sample of history) {
    const time = Date.parse(sample.at) / 1_000;
    const before = times.at(-1);
    if (before !== undefined && time - before > 3 * sampleSeconds) add(before + sampleSeconds, []);
    add(
      time,
      series.map((name) => sample[name]),
    );
  }
  return [times, ...columns];
}

function sizeOf(element: HTMLElement) {
  return { width: element.clientWidth, height: element.clientHeight };
}

function optionsFor(element: HTMLElement, speech: Speech): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: colour("muted"), font, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const minute = new Intl.DateTimeFormat(speech.locale, { hour: "2-digit", minute: "2-digit" });
  return {
    ...sizeOf(element),
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 4, 0, 0],
    scales: {
      x: { range: (_self, _least, most) => [most - SPAN_SECONDS, most] },
      y: { range: (_self, _least, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_self, times) => times.map((time) => minute.format(time * 1_000)),
        space: 80,
        size: 30,
      },
      { ...axis, values: (_self, rates) => rates.map((rate) => speech.rate(rate)), size: 52, space: 36 },
    ],
    series: [
      {},
      { stroke: colour("accepted"), width: 1.5, dash: [5, 4], points: { show: false } },
      { stroke: colour("recorded"), width: 2.25, fill: colour("recorded-wash"), points: { show: false } },
      { stroke: colour("rejected"), width: 2, points: { show: false } },
    ],
  };
}

const MOST_ROWS = 60;

function RateTable({ history, speech }: { readonly history: readonly RateSample[]; readonly speech: Speech }) {
  const { plot } = speech.words;
  const rows = history.slice(-MOST_ROWS).toReversed();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label={plot.title}>
      <table>
        <thead>
          <tr>
            <th scope="col">{plot.time}</th>
            {series.map((name) => (
              <th key={name} scope="col" class="number">
                {plot[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((sample) => (
            <tr key={sample.at}>
              <th scope="row">{speech.clock(sample.at)}</th>
              {series.map((name) => (
                <td key={name} class="number">
                  {sample[name] === null ? "–" : speech.rate(sample[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
