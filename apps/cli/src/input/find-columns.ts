import { exitCodes, Failure } from "../failure.ts";
import { type CsvColumn, csvColumns, isCsvColumn } from "./csv-column.ts";
import { type Locale, localeOf, plainName } from "./locale.ts";

const OPTIONAL: CsvColumn = "placedAt";
const TWICE = "Rename or remove one of them.";

/** How the columns of a CSV file are named and written. */
export type CsvOptions = {
  readonly locale?: Locale | undefined;
  /** The fields by the names that the header gives them. */
  readonly map?: ReadonlyMap<string, CsvColumn> | undefined;
  /** Whether columns that are none of ours are passed over. */
  readonly ignoreExtra?: boolean | undefined;
};

/** What each cell of a row is: one of our fields, or null. */
export type Columns = readonly (CsvColumn | null)[];

/**
 * Finds our fields in a header. Columns without a name are none of them.
 *
 * @param where the header's place, for messages
 * @throws {Failure} if a field is missing or stands twice, or a column is unknown
 */
export function findColumns(header: readonly string[], where: string, options: CsvOptions): Columns {
  const names = header.map((name) => name.trim());
  const columns = names.map((name) => columnOf(name, options));
  const unmapped = [...(options.map?.keys() ?? [])].filter((name) => !names.some((one) => isAlike(one, name)));
  if (unmapped.length > 0)
    throw wrong(where, `the header has no ${listed(unmapped)}, which --map names`, `It has ${listed(names)}.`);
  for (const [index, column] of columns.entries()) {
    const before = columns.indexOf(column);
    if (column === null || before === index) continue;
    throw wrong(where, `${column} stands twice in the header, in columns ${before + 1} and ${index + 1}`, TWICE);
  }
  const unknown = names.filter((name, index) => name !== "" && columns[index] === null);
  const missing = csvColumns.filter((column) => column !== OPTIONAL && !columns.includes(column));
  if (missing.length > 0) throw wrong(where, lack(missing, unknown), adviceFor(names, options));
  if (unknown.length > 0 && !options.ignoreExtra)
    throw wrong(where, `the header has unknown columns: ${listed(unknown)}`, "--ignore-extra passes over them.");
  return columns;
}

function columnOf(name: string, { locale = localeOf(), map }: CsvOptions): CsvColumn | null {
  for (const [alias, column] of map ?? []) if (isAlike(alias, name)) return column;
  return isCsvColumn(name) ? name : (locale.columns.get(plainName(name)) ?? null);
}

function isAlike(one: string, other: string): boolean {
  return one.trim() === other.trim() || (plainName(one) !== "" && plainName(one) === plainName(other));
}

function lack(missing: readonly string[], unknown: readonly string[]): string {
  const has = unknown.length === 0 ? "" : ` and has unknown columns: ${listed(unknown)}`;
  return `the header lacks ${missing.join(", ")}${has}`;
}

function wrong(where: string, what: string, advice: string): Failure {
  return new Failure(exitCodes.noInput, `${where}: ${what}. ${advice}`);
}

/** → what may read a header that lacks some of our names. */
function adviceFor(names: readonly string[], { locale }: CsvOptions): string {
  const isPortuguese = locale === undefined && names.some((name) => localeOf("pt-BR").columns.has(plainName(name)));
  return isPortuguese
    ? "It looks Brazilian: --locale pt-BR reads its names, decimal commas and dates."
    : `A row is ${csvColumns.join(", ")}; --map "Order No=orderId,…" names columns that are called otherwise.`;
}

const listed = (names: readonly string[]) => names.map((name) => `"${name.slice(0, 60)}"`).join(", ");
