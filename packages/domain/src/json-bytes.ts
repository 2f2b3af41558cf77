export const [QUOTE, BACKSLASH, COLON, COMMA, OPEN_ARRAY, CLOSE_OBJECT] = [0x22, 0x5c, 0x3a, 0x2c, 0x5b, 0x7d];
/** An opening bracket or brace, and a closing one, once the bit is set by which the two kinds differ. */
export const [OPEN, CLOSE, KIND] = [0x7b, 0x7d, 0x20];

/** → where the closing quote of a string is, or the end of the bytes. */
export function endOfString(bytes: Uint8Array, start: number): number {
  let position = start;
  while (position < bytes.length && bytes[position] !== QUOTE) position += bytes[position] === BACKSLASH ? 2 : 1;
  return Math.min(position, bytes.length);
}
