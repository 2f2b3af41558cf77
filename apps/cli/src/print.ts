/** Prints a result to standard output: as JSON, or as lines that a person reads, by default one for each member. */
export function print<Value extends object>(
  value: Value,
  asJson: boolean,
  describe: (value: Value) => string = describeMembers,
): void {
  process.stdout.write(asJson ? `${JSON.stringify(value)}\n` : describe(value));
}

/** Writes a message that is no result to standard error, so that results can be piped on. */
export function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

function describeMembers(value: object): string {
  const rows = Object.entries(value).map(([name, one]): [string, string] => [name, textOf(one)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join("");
}

/** Prints rows in columns under a header; without rows nothing. */
export function printTable(rows: readonly Readonly<Record<string, unknown>>[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const table = [names, ...rows.map((row) => names.map((name) => textOf(row[name])))];
  const widths = names.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of table) {
    const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
