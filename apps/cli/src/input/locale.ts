import type { CsvColumn } from "./csv-column.ts";

export const locales = ["pt-BR"] as const;
export type LocaleName = (typeof locales)[number];

/** How people of a country write the columns of a file. */
export type Locale = {
  /** Our fields by their names there, in the form of {@link plainName}. */
  readonly columns: ReadonlyMap<string, CsvColumn>;
  /** An example of a number, for messages. */
  readonly example: string;
  /** → a number as we write it, with a decimal point; null if the text is no number of theirs. */
  readonly readNumber: (text: string) => string | null;
  /** → a date-time by RFC 3339, which may stand there too; null if the text is no date of theirs. */
  readonly readInstant: (text: string) => string | null;
  /** What a file that is written for them begins with, and what delimits its cells. */
  readonly mark: string;
  readonly delimiter: string;
  readonly writeNumber: (number: string) => string;
  /** Of a date-time in UTC; fractions of a second may be lost. */
  readonly writeInstant: (instant: string) => string;
};

/** Brasília time, which has had no summer time since 2019: a date in a file names no zone. */
const BRASILIA = "-03:00";
const BRASILIA_MS = -3 * 3_600_000;
/** `1.234,56`, `1234,56`, `1234`; as currency with R$ before it. */
const BRAZILIAN_NUMBER = /^(?:R\$)?\s*(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?$/;
/** `24/11/2026`, `24/11/2026 9:30`, `24/11/2026 09:30:15`. */
const BRAZILIAN_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?)?$/;
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]/;

/** None of them may be taken for another amount: "valor" alone may be a total. */
const BRAZILIAN_NAMES: readonly (readonly [CsvColumn, string])[] = [
  ["orderId", "pedido codigopedido codigodopedido codpedido idpedido idopedido numeropedido numerodopedido"],
  ["orderId", "npedido ndopedido nopedido nodopedido nrpedido nrdopedido numpedido"],
  ["customerId", "cliente codigocliente codigodocliente codcliente idcliente idocliente numerocliente"],
  ["customerId", "numerodocliente ncliente ndocliente nocliente nodocliente nrcliente nrdocliente"],
  ["placedAt", "data datapedido datadopedido datahora dataehora dataemissao datadeemissao emissao"],
  ["product", "produto nomeproduto nomedoproduto descricao descricaoproduto descricaodoproduto mercadoria"],
  ["quantity", "quantidade qtd qtde quant"],
  ["unitPrice", "preco precounitario precounit valorunitario valorunit vlrunitario vlrunit vlunitario vlunit"],
];

const brazilian: Locale = {
  columns: new Map(
    BRAZILIAN_NAMES.flatMap(([column, names]) =>
      [plainName(column), ...names.split(" ")].map((name) => [name, column] as const),
    ),
  ),
  example: "1.234,56",
  readNumber(text) {
    const [, whole, decimals] = BRAZILIAN_NUMBER.exec(text.trim()) ?? [];
    if (whole === undefined) return null;
    const fraction = decimals?.replace(/0+$/, "") ?? "";
    return `${whole.replaceAll(".", "")}${fraction === "" ? "" : `.${fraction}`}`;
  },
  readInstant(text) {
    const date = text.trim();
    if (RFC_3339.test(date)) return date;
    const [, day, month, year, hour = "0", minute = "00", second = "00"] = BRAZILIAN_DATE.exec(date) ?? [];
    if (day === undefined || month === undefined) return null;
    const two = (digits: string) => digits.padStart(2, "0");
    return `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}${BRASILIA}`;
  },
  // Without the mark, Excel takes UTF-8 for Windows-1252.
  mark: "\ufeff",
  delimiter: ";",
  writeNumber: (number) => number.replace(".", ","),
  writeInstant(instant) {
    const [date = "", time = ""] = new Date(Date.parse(instant) + BRASILIA_MS).toISOString().split("T");
    return `${date.split("-").reverse().join("/")} ${time.slice(0, 8)}`;
  },
};

/** Our own form: nothing is read otherwise than it stands. */
const ours: Locale = {
  columns: new Map(),
  example: "1234.56",
  readNumber: (text) => text,
  readInstant: (text) => text,
  mark: "",
  delimiter: ",",
  writeNumber: (number) => number,
  writeInstant: (instant) => instant,
};

export function localeOf(name?: LocaleName): Locale {
  return name === undefined ? ours : brazilian;
}

/** → a name without accents, capitals, spaces and signs: `Nº do Pedido` → `nodopedido`. */
export function plainName(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}
