import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import { usePage } from "../state/page.ts";
import { lineNames, type PlotPoint } from "../state/plot-lines.ts";
import type { Speech } from "../words/speak.ts";

type LinePlotProps = {
  readonly points: readonly PlotPoint[];
  /** How much of the time before the newest point is shown. */
  readonly spanSeconds: number;
  readonly label: string;
  readonly formatTime: (atMs: number) => string;
  /** Called with the place of the point that is nearest to the pointer; undefined if it has left. */
  readonly onPoint: (index: number | undefined) => void;
};

/** Lines over time. */
export function LinePlot({ points, spanSeconds, label, formatTime, onPoint }: LinePlotProps) {
  const { speech } = usePage();
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const data = useMemo(() => toColumns(points), [points]);
  const latest = useRef({ data, formatTime, onPoint });
  latest.current = { data, formatTime, onPoint };

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = () => {
      drawn.current?.destroy();
      const options = optionsFor(element, spanSeconds, speech, {
        formatTime: (atMs) => latest.current.formatTime(atMs),
        onPoint: (index) => latest.current.onPoint(index),
      });
      drawn.current = new uPlot(options, latest.current.data, element);
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
  }, [speech, spanSeconds]);
  useEffect(() => drawn.current?.setData(data), [data]);

  return <div class="lines" ref={place} role="img" aria-label={label} onPointerLeave={() => onPoint(undefined)} />;
}

function toColumns(points: readonly PlotPoint[]): uPlot.AlignedData {
  return [points.map(({ atMs }) => atMs / 1_000), ...lineNames.map((name) => points.map((point) => point[name]))];
}

function sizeOf(element: HTMLElement) {
  return { width: element.clientWidth, height: element.clientHeight };
}

function optionsFor(
  element: HTMLElement,
  spanSeconds: number,
  speech: Speech,
  { formatTime, onPoint }: Pick<LinePlotProps, "formatTime" | "onPoint">,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: colour("muted"), font, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  return {
    ...sizeOf(element),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    // New data sets it too, without a pointer.
    hooks: { setCursor: [({ cursor }) => (cursor.left ?? -1) >= 0 && cursor.idx != null && onPoint(cursor.idx)] },
    padding: [8, 4, 0, 0],
    scales: {
      x: { range: (_self, _least, most) => [most - spanSeconds, most] },
      y: { range: (_self, _least, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_self, times) => times.map((time) => formatTime(time * 1_000)),
        space: 80,
        size: 30,
      },
      { ...axis, values: (_self, rates) => rates.map((rate) => speech.rate(rate)), size: 60, space: 36 },
    ],
    series: [
      {},
      { stroke: colour("accepted"), width: 1.5, dash: [5, 4], points: { show: false } },
      { stroke: colour("recorded"), width: 2.25, fill: colour("recorded-wash"), points: { show: false } },
      { stroke: colour("rejected"), width: 2, points: { show: false } },
    ],
  };
}
