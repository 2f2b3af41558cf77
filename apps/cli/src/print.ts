/**
 * Prints a result to standard output: as JSON, or as lines that a person reads, by default one for each member. Values come
 * from elsewhere, so everything that is printed here is made printable.
 */
export function print<Value extends object>(
  value: Value,
  asJson: boolean,
  describe: (value: Value) => string = describeMembers,
): void {
  process.stdout.write(asJson ? `${printable(JSON.stringify(value))}\n` : printable(describe(value)));
}

/** Writes a message that is no result to standard error, so that results can be piped on, while somebody reads those. */
export function log(text: string): void {
  if (isReaderGone(process.stdout.errored)) return;
  process.stderr.write(`${printable(text)}\n`);
}

/** Whether an error means that nobody reads the output any more, as after `| head -1`. */
export function isReaderGone(error: Error | null): boolean {
  return error !== null && "code" in error && error.code === "EPIPE";
}

/** Prints rows in columns under a header; without rows nothing. */
export function printTable(rows: readonly Readonly<Record<string, unknown>>[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const table = [names.map(cellOf), ...rows.map((row) => names.map((name) => cellOf(row[name])))];
  const widths = names.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of table) {
    const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

/**
 * → the text with every control character but line ends (C0, DEL and C1) as `\u001b`: raw, they would steer the terminal. JSON
 * remains the same value.
 */
export function printable(text: string): string {
  return text.replaceAll(/(?!\r?\n)\p{Cc}/gu, escapeOf);
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The lines of a text are indented, so that none looks like another member. */
function describeMembers(value: object): string {
  const rows = Object.entries(value).map(([name, one]): [string, string] => [name, textOf(one)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const indent = `\n${" ".repeat(width + 2)}`;
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text.replaceAll("\n", indent)}\n`).join("");
}

function cellOf(value: unknown): string {
  return textOf(value).replaceAll(/\p{Cc}/gu, escapeOf);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
