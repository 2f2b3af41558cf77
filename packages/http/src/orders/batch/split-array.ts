const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

/** How far into an element it reads before it pauses. */
const PAUSE_AFTER_BYTES = 256 * 1024;

/**
 * Splits the bytes of a JSON array into those of its elements, without parsing them: if every element is JSON, the whole
 * is. (Commas and brackets are single bytes in UTF-8, and never part of another character.)
 *
 * @returns false if what surrounds the elements is not that of one whole array; true otherwise. Yields null now and
 * then while a long element is read, so that others can be served meanwhile.
 */
export function* splitArray(bytes: Buffer): Generator<Buffer | null, boolean> {
  let position = skipBlank(bytes, 0);
  if (bytes[position] !== OPEN_BRACKET) return false;
  let start = ++position;
  let pauseAt = start + PAUSE_AFTER_BYTES;
  let depth = 1;
  let isFirst = true;
  let isText = false;
  for (; position < bytes.length; position++) {
    if (position >= pauseAt) {
      yield null;
      pauseAt = position + PAUSE_AFTER_BYTES;
    }
    const byte = bytes[position];
    if (isText) {
      if (byte === BACKSLASH) position++;
      else isText = byte !== QUOTE;
      continue;
    }
    if (byte === QUOTE) isText = true;
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

function skipBlank(bytes: Buffer, from: number): number {
  let position = from;
  while (position < bytes.length && isBlank(bytes[position])) position++;
  return position;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
