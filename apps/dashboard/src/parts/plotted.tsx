import { useMemo, useState } from "preact/hooks";
import { usePage } from "../state/page.ts";
import type { LineName, PlotPoint } from "../state/plot-lines.ts";
import { LinePlot } from "./line-plot.tsx";

type PlottedProps = {
  readonly title: string;
  readonly lines: readonly LineName[];
  readonly points: readonly PlotPoint[];
  readonly spanSeconds: number;
  readonly format: (figure: number) => string;
  readonly formatTime: (atMs: number) => string;
};

const MOST_ROWS = 168;

/** Lines, above them the figures of the newest time or of the one that is picked, by pointer or by keyboard; and a table. */
export function Plotted({ title, lines, points, spanSeconds, format, formatTime }: PlottedProps) {
  const { speech } = usePage();
  const { plot } = speech.words;
  const [pickedMs, setPickedMs] = useState<number>();
  const newest = points.length - 1;
  const index = useMemo(() => points.findIndex(({ atMs }) => atMs === pickedMs), [points, pickedMs]);
  const isPicked = index !== -1 && index !== newest;
  const shown = points[isPicked ? index : newest];
  const figure = (name: LineName) => (shown?.[name] == null ? "–" : format(shown[name]));
  const summary = lines.map((name) => `${plot[name]} ${figure(name)}`).join(", ");
  return (
    <>
      <dl class="series">
        {lines.map((name) => (
          <div key={name} data-series={name}>
            <dt>
              {plot[name]} {name === "accepted" && <small>{plot.acceptedHint}</small>}
            </dt>
            <dd>{figure(name)}</dd>
          </div>
        ))}
        {isPicked && shown !== undefined && (
          <div>
            <dt>{plot.time}</dt>
            <dd>{formatTime(shown.atMs)}</dd>
          </div>
        )}
      </dl>
      {points.length < 2 ? (
        <p class="status">{plot.waiting}</p>
      ) : (
        <>
          <LinePlot
            points={points}
            spanSeconds={spanSeconds}
            label={`${title}: ${summary}`}
            formatTime={formatTime}
            onPoint={(at) => setPickedMs(at === undefined ? undefined : points[at]?.atMs)}
          />
          <input
            type="range"
            class="pick-time"
            aria-label={plot.pick}
            min={0}
            max={newest}
            value={isPicked ? index : newest}
            aria-valuetext={shown === undefined ? "" : `${formatTime(shown.atMs)}: ${summary}`}
            onInput={({ currentTarget }) => setPickedMs(points[Number(currentTarget.value)]?.atMs)}
          />
        </>
      )}
      <details>
        <summary>{plot.table}</summary>
        <PlotTable title={title} lines={lines} points={points} format={format} formatTime={formatTime} />
      </details>
    </>
  );
}

function PlotTable({ title, lines, points, format, formatTime }: Omit<PlottedProps, "spanSeconds">) {
  const { plot } = usePage().speech.words;
  const rows = points.slice(-MOST_ROWS).toReversed();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label={title}>
      <table>
        <thead>
          <tr>
            <th scope="col">{plot.time}</th>
            {lines.map((name) => (
              <th key={name} scope="col" class="number">
                {plot[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((point) => (
            <tr key={point.atMs}>
              <th scope="row">{formatTime(point.atMs)}</th>
              {lines.map((name) => (
                <td key={name} class="number">
                  {point[name] === null ? "–" : format(point[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
