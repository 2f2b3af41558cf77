import { type Dialect, english } from "./dialect.ts";
import { idRule } from "./field-rules.ts";
import { CLOSE, CLOSE_OBJECT, COLON, COMMA, endOfString, KIND, OPEN, OPEN_ARRAY, QUOTE } from "./json-bytes.ts";

/** A longer number is not read: every id is written in far fewer digits. */
const MOST_DIGITS = 64;
/** `\u0041`: so many bytes an escape takes for one character of a key. */
const ESCAPE_LENGTH = 6;

/**
 * Finds the id in bytes that are no order, so that their rejection can be found by it. The bytes may be broken JSON, no
 * UTF-8, or kill a parser, so this is one scan over them, in linear time and without recursion. Never throws.
 *
 * It takes the value of the dialect's key at the first level of the first object, if no array opens before it: a JSON
 * integer from 1 to 9007199254740991 with something behind it, since a number at the very end may be cut off. Of a
 * repeated key the last stands. Nothing else is an id: no string, no key of a nested object.
 */
export function findOrderId(bytes: Uint8Array, dialect: Dialect = english): number | null {
  let found: number | null = null;
  let depth = 0;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position] ?? 0;
    if (byte === QUOTE) {
      const end = endOfString(bytes, position + 1);
      if (depth === 1 && isWord(bytes, position + 1, end, dialect.orderId)) {
        const colon = skipSpace(bytes, end + 1);
        if (bytes[colon] === COLON) found = readId(bytes, skipSpace(bytes, colon + 1));
      }
      position = end;
    } else if ((byte | KIND) === OPEN) {
      if (depth === 0 && byte === OPEN_ARRAY) return null;
      depth++;
    } else if ((byte | KIND) === CLOSE && --depth <= 0) return found;
  }
  return found;
}

/** Whether a string's bytes are this word, which is ASCII; some of its characters may be written as escapes. */
function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start < word.length || end - start > ESCAPE_LENGTH * word.length) return false;
  const text = textOf(bytes, start, end);
  return (
    text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) === word
  );
}

function readId(bytes: Uint8Array, start: number): number | null {
  let end = start;
  while (end - start <= MOST_DIGITS && isNumeric(bytes[end])) end++;
  if (bytes[end] !== COMMA && bytes[end] !== CLOSE_OBJECT && !isSpace(bytes[end])) return null;
  const text = textOf(bytes, start, end);
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text) ? (idRule.read(Number(text)) ?? null) : null;
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let position = start;
  while (isSpace(bytes[position])) position++;
  return position;
}

const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Whether a byte may stand in a JSON number: a digit, or one of `+-.Ee`. */
function isNumeric(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].includes(byte));
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let position = start; position < end; position++) text += String.fromCharCode(bytes[position] ?? 0);
  return text;
}
