import { type Figure, measured, median, meets, ratiosOf } from "./figures.ts";

const COLUMNS = ["figure", "median", "range", "baseline", "ratio", "target", ""] as const;

/** The table as Markdown, which is as readable in a terminal. */
export function writeTable(figures: readonly Figure[]): string {
  const rows = [COLUMNS, ...figures.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head = [], ...body] = rows.map(line);
  const notes = figures.flatMap(({ name, note }) => (note === undefined ? [] : [`- ${name}: ${note}`]));
  return `${[head, rule, ...body].join("\n")}\n\n${notes.join("\n")}\n`;
}

function cellsOf(figure: Figure): string[] {
  const { name, unit, values, baseline, target } = figure;
  const met = meets(figure);
  return [
    name,
    `${write(median(values))} ${unit}`,
    values.length > 1 ? range(values) : "",
    baseline === undefined ? "" : `${write(median(baseline.values))} (${baseline.name})`,
    baseline === undefined ? "" : writeRatio(figure),
    target === undefined ? "" : target.atLeast !== undefined ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`,
    met === undefined ? "" : met ? "met" : "missed",
  ];
}

/** A figure in a few words, for the terminal. */
export function summarize(figure: Figure): string {
  const value = `${write(median(figure.values))} ${figure.unit}`;
  return figure.baseline === undefined ? value : `${value}, ${writeRatio(figure)} × ${figure.baseline.name}`;
}

function writeRatio(figure: Figure): string {
  const ratios = ratiosOf(figure);
  return ratios.length > 1 ? `${write(measured(figure))} (${range(ratios)})` : write(measured(figure));
}

function range(values: readonly number[]): string {
  return `${write(Math.min(...values))}–${write(Math.max(...values))}`;
}

/** Three significant digits, or all of a large number. */
export function write(value: number): string {
  if (!Number.isFinite(value)) return "?";
  return Math.abs(value) >= 1_000 ? Math.round(value).toString() : String(Number(value.toPrecision(3)));
}
