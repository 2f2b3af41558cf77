import { type Figure, measured, meets, ratiosOf } from "./figures.ts";
import { write } from "./write-table.ts";

const [WIDTH, LABELS, ROW, HEAD] = [1040, 460, 26, 52];
/** A ratio this many times its target ends the scale. */
const MOST = 2;

/**
 * Every figure that has a target as a bar: how many times its target it reaches, so that 1 is the same line for all. To
 * the right of the line is better, whether more or less is wanted; a whisker shows the range of the rounds.
 */
export function drawPlot(figures: readonly Figure[], title: string): string {
  const shown = figures.filter(({ target }) => target !== undefined);
  const height = HEAD + shown.length * ROW + 24;
  const x = (times: number) => LABELS + (Math.min(times, MOST) / MOST) * (WIDTH - LABELS - 110);
  const rows = shown.map((figure, index) => drawRow(figure, HEAD + index * ROW, x)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" fill="white"/>
<text x="12" y="22" font-size="15">${escapeXml(title)}</text>
<text x="${x(1)}" y="42" text-anchor="middle">target</text>
${rows}
<line x1="${x(1)}" y1="46" x2="${x(1)}" y2="${height - 16}" stroke="black" stroke-dasharray="4 3"/>
</svg>
`;
}

function drawRow(figure: Figure, y: number, x: (times: number) => number): string {
  const middle = y + ROW / 2;
  const times = (value: number) => {
    const { target } = figure;
    return target?.atLeast === undefined ? (target?.atMost ?? Number.NaN) / value : value / target.atLeast;
  };
  const all = (figure.baseline === undefined ? figure.values : ratiosOf(figure)).map(times);
  const reached = times(measured(figure));
  const [low, high] = [x(Math.min(...all)), x(Math.max(...all))];
  return `<text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(figure.name)}</text>
<rect x="${LABELS}" y="${y + 5}" width="${x(reached) - LABELS}" height="${ROW - 10}" fill="${meets(figure) ? "#3a7d5c" : "#b5532d"}"/>
<line x1="${low}" y1="${middle}" x2="${high}" y2="${middle}" stroke="black"/>
<text x="${Math.max(x(reached), high) + 6}" y="${middle + 4}">${write(measured(figure))} of ${write(figure.target?.atLeast ?? figure.target?.atMost ?? 0)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
