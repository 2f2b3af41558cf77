import { readFileSync } from "node:fs";
import type { Argv } from "yargs";
import { FILE, FORMAT } from "../command.ts";
import { exitCodes, Failure, reasonOf } from "../failure.ts";
import { TEXT } from "../options.ts";
import { type CsvColumn, csvColumns, isCsvColumn } from "./csv-column.ts";
import { encodings } from "./decode.ts";
import type { CsvOptions } from "./find-columns.ts";
import { type LocaleName, localeOf, locales } from "./locale.ts";

/** Adds what every command that reads a file of orders takes. */
export function inputOptions<Options>(argv: Argv<Options>) {
  return argv
    .positional("file", FILE)
    .option("format", FORMAT)
    .option("encoding", {
      choices: encodings,
      requiresArg: true,
      describe: "of the text; by default as its mark says, else utf-8",
    })
    .option("locale", {
      choices: locales,
      requiresArg: true,
      describe: "CSV: names, numbers and dates as written there",
    })
    .option("map", { ...TEXT, describe: 'CSV: "Order No=orderId,…" or a JSON file {"Order No": "orderId"}' })
    .option("ignore-extra", { type: "boolean", default: false, describe: "CSV: pass over unknown columns" });
}

type Given = {
  readonly locale?: LocaleName | undefined;
  readonly map?: string | undefined;
  readonly ignoreExtra: boolean;
};

export function csvOptionsOf({ locale, map, ignoreExtra }: Given): CsvOptions {
  return {
    locale: locale === undefined ? undefined : localeOf(locale),
    map: map === undefined ? undefined : readMap(map),
    ignoreExtra,
  };
}

/** @throws {Failure} if it is no mapping */
function readMap(given: string): ReadonlyMap<string, CsvColumn> {
  const pairs = given.includes("=") ? pairsOf(given) : pairsInFile(given);
  return new Map(
    pairs.map(([name, column]) => {
      if (typeof column === "string" && isCsvColumn(column)) return [name, column];
      throw wrong(`"${name}" is mapped to ${JSON.stringify(column)}, which is none of ${csvColumns.join(", ")}`);
    }),
  );
}

function pairsOf(given: string): [string, unknown][] {
  return given.split(",").map((pair) => {
    const end = pair.lastIndexOf("=");
    if (end < 1) throw wrong(`"${pair}" has no name before a "="`);
    return [pair.slice(0, end).trim(), pair.slice(end + 1).trim()];
  });
}

function pairsInFile(file: string): [string, unknown][] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  } catch (error) {
    throw wrong(`${file} is no JSON file that can be read (${reasonOf(error)})`);
  }
  throw wrong(`${file} holds no JSON object`);
}

const wrong = (what: string) =>
  new Failure(exitCodes.usage, `--map: ${what}. Write --map "Order No=orderId,…" or name a JSON file of that.`);
