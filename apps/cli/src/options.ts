import { readInstant } from "@pedidos/domain";
import { exitCodes, Failure } from "./failure.ts";

/** Without `requiresArg` yargs would take `-` for another option. */
export const TEXT = { type: "string", requiresArg: true } as const;
/** An id in the place of one. */
export const ID = { type: "string", demandOption: true, coerce: (text: string) => readId(text) } as const;
export const OPTIONAL_ID = { ...ID, demandOption: false } as const;

export function idOption(name: string, describe: string) {
  return { ...TEXT, coerce: (text: string) => readId(text, `--${name}: `), describe } as const;
}

/** Ids have up to 16 digits; yargs' own numbers would take "1e3" and "0x1" as well, and NaN for the rest. */
function readId(text: string, place = ""): number {
  const id = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new Failure(exitCodes.usage, `${place}${text} is no id: an integer from 1 to ${Number.MAX_SAFE_INTEGER}.`);
}

export function timeOption(name: string, describe: string) {
  const coerce = (text: string) => {
    if (readInstant(text) !== null) return text;
    const what = "it must be an RFC 3339 time like 2026-11-24T12:00:00Z";
    throw new Failure(exitCodes.usage, `--${name} is ${JSON.stringify(text)}; ${what}.`);
  };
  return { ...TEXT, coerce, describe } as const;
}

/** The path of a file. */
export function pathOption(name: string, describe: string) {
  const coerce = (text: string) => {
    if (text !== "") return text;
    throw new Failure(exitCodes.usage, `--${name} is empty; name a file.`);
  };
  return { ...TEXT, coerce, describe } as const;
}

type Range = {
  readonly from: number;
  readonly to: number;
  readonly default: number;
  /** Whether it may have a fraction. */
  readonly fraction?: boolean;
};

export function numberOption(name: string, describe: string, range: Range) {
  const coerce = (text: string | number) => readNumber(name, String(text), range);
  return { ...TEXT, default: range.default, coerce, describe: `${describe}, ${range.from} to ${range.to}` };
}

function readNumber(name: string, text: string, { from, to, fraction = false }: Range): number {
  const number = (fraction ? /^\d{1,16}(\.\d{1,16})?$/ : /^\d{1,16}$/).test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  const what = fraction ? "a number" : "an integer";
  throw new Failure(exitCodes.usage, `--${name} is ${JSON.stringify(text)}; it must be ${what} from ${from} to ${to}.`);
}
