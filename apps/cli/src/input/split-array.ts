import { exitCodes, Failure } from "../failure.ts";
import { KEPT_BYTES } from "./split-lines.ts";

/** An element of a JSON array as it stands there. Positions count from 1. */
export type Element = {
  readonly position: number;
  readonly size: number;
  /** Null if the element is too large to be kept. */
  readonly bytes: Buffer | null;
};

const [QUOTE, BACKSLASH, COMMA, LF] = [0x22, 0x5c, 0x2c, 0x0a];
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];
/** An opening bracket or brace, and a closing one, once the bit is set by which the two kinds differ. */
const [OPEN, CLOSE, KIND] = [0x7b, 0x7d, 0x20];
const isSpace = (byte: number) => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;

/**
 * Splits the text of a JSON array into its elements, in flat memory. Whether an element is JSON is for its reader to check.
 *
 * @throws {Failure} if the text is no array, or ends within it
 */
export async function* splitArray(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<readonly Element[]> {
  const scanner = scanArray(name);
  for await (const piece of source) {
    const elements = [...scanner.feed(piece)];
    if (elements.length > 0) yield elements;
  }
  scanner.finish();
}

/** Where the scan is: before the array, before an element, within one, behind one, behind the array. */
type Place = "start" | "before" | "within" | "behind" | "end";

function scanArray(name: string) {
  let [place, position, line, column]: [Place, number, number, number] = ["start", 0, 1, 0];
  let endsElement = openElement();
  let [held, size, begin]: [Buffer[], number, number] = [[], 0, 0];

  function wrong(what: string): Failure {
    return new Failure(exitCodes.noInput, `${name}: line ${line}, column ${column}: ${what}.`);
  }

  function hold(part: Buffer): void {
    size += part.length;
    if (size <= KEPT_BYTES) held.push(part);
    else held = [];
  }

  function finishElement(last: Buffer): Element {
    hold(last);
    const element = { position, size, bytes: size > KEPT_BYTES ? null : Buffer.concat(held, size) };
    [held, size] = [[], 0];
    return element;
  }

  /** Takes a byte outside of the elements. */
  function step(byte: number, index: number): void {
    if (isSpace(byte)) return;
    if (place === "start" && byte === OPEN_ARRAY) place = "before";
    else if (place === "start") throw wrong(noArray(byte));
    else if (place === "end") throw wrong("something follows the array. One order a line is --format ndjson");
    else if (byte === CLOSE_ARRAY && position === 0) place = "end";
    else if (byte === COMMA || byte === CLOSE_ARRAY) throw wrong("an order is missing between two commas or before ]");
    else {
      [place, begin, endsElement] = ["within", index, openElement()];
      position++;
      endsElement(byte);
    }
  }

  return {
    *feed(piece: Buffer): Generator<Element> {
      begin = 0;
      for (let index = 0; index < piece.length; index++) {
        const byte = piece[index] ?? 0;
        column++;
        if (byte === LF) [line, column] = [line + 1, 0];
        if (place !== "within") step(byte, index);
        else if (endsElement(byte)) {
          yield finishElement(piece.subarray(begin, index));
          place = byte === COMMA ? "before" : "end";
        }
      }
      if (place === "within") hold(piece.subarray(begin));
    },
    finish(): void {
      if (place === "start") throw wrong("nothing is there, where a JSON array of orders should be");
      if (place !== "end") throw wrong("the file ends within the array: ] is missing. Is it whole");
    },
  };
}

/** → what takes the bytes of an element one by one, and returns whether it ends before this one. */
function openElement() {
  let [depth, isString, isEscaped] = [0, false, false];
  return (byte: number): boolean => {
    if (isString) {
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) isEscaped = true;
      else if (byte === QUOTE) isString = false;
      return false;
    }
    if (depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) return true;
    if (byte === QUOTE) isString = true;
    else if ((byte | KIND) === OPEN) depth++;
    else if ((byte | KIND) === CLOSE && depth > 0) depth--;
    return false;
  };
}

function noArray(first: number): string {
  return first === OPEN
    ? "the file is JSON, but no array of orders. Put the order between [ and ]; one order a line is --format ndjson"
    : "the file is no JSON array of orders. If it is CSV or one order a line, use --format csv or --format ndjson";
}
