const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

/**
 * Splits the bytes of a JSON array into those of its elements, without parsing them: if every element is JSON, the whole
 * is. (Commas and brackets are single bytes in UTF-8, and never part of another character.)
 *
 * @returns false where what surrounds the elements is not that of one whole array; true otherwise.
 */
export function* splitArray(bytes: Buffer): Generator<Buffer, boolean> {
  let position = skipBlank(bytes, 0);
  if (bytes[position] !== OPEN_BRACKET) return false;
  let start = ++position;
  let depth = 1;
  let isFirst = true;
  for (; position < bytes.length; position++) {
    const byte = bytes[position];
    if (byte === QUOTE) position = endOfString(bytes, position);
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++;
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
    else if (byte !== COMMA || depth > 1) continue;

    if (depth === 0 || (depth === 1 && byte === COMMA)) {
      const element = bytes.subarray(skipBlank(bytes, start), position);
      if (depth === 0 && byte === CLOSE_BRACE) return false;
      if (depth > 0 || !isFirst || element.length > 0) yield element;
      if (depth === 0) return skipBlank(bytes, position + 1) === bytes.length;
      start = position + 1;
      isFirst = false;
    }
  }
  return false;
}

/** → the position of the quote that ends a string. */
function endOfString(bytes: Buffer, start: number): number {
  for (let position = start + 1; position < bytes.length; position++) {
    if (bytes[position] === BACKSLASH) position++;
    else if (bytes[position] === QUOTE) return position;
  }
  return bytes.length;
}

function skipBlank(bytes: Buffer, from: number): number {
  let position = from;
  while (position < bytes.length && isBlank(bytes[position])) position++;
  return position;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
