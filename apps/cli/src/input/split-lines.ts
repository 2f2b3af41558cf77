/** A line as it stands in the file, with its CR if it has one, without its LF. Numbers count from 1. */
export type Line = {
  readonly number: number;
  readonly size: number;
  /** Null if the line is too large to be kept. */
  readonly bytes: Buffer | null;
};

/** A larger line is counted and left out; a smaller one is kept for the report, even if it is too long for an order. */
export const KEPT_BYTES = 8 * 1024 * 1024;
const [LF, CR, SPACE, TAB] = [0x0a, 0x0d, 0x20, 0x09];

/** Splits a text into lines: they end at LF and nowhere else. → the lines that end in each piece of it. */
export async function* splitLines(source: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  let [number, held, size]: [number, Buffer[], number] = [0, [], 0];
  function hold(part: Buffer): void {
    size += part.length;
    if (size <= KEPT_BYTES) held.push(part);
    else held = [];
  }
  function finish(last: Buffer): Line {
    number++;
    hold(last);
    const bytes = size > KEPT_BYTES ? null : held.length === 1 ? last : Buffer.concat(held, size);
    const line = { number, size, bytes };
    [held, size] = [[], 0];
    return line;
  }
  for await (const piece of source) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = piece.indexOf(LF); end !== -1; end = piece.indexOf(LF, start)) {
      lines.push(finish(piece.subarray(start, end)));
      start = end + 1;
    }
    if (start < piece.length) hold(piece.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (size > 0) yield [finish(Buffer.alloc(0))];
}

/** Whether a line is nothing but white space, by the server's rule. */
export function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === SPACE || byte === TAB || byte === CR);
}

/** → the line without the CR at its end. */
export function withoutCr(bytes: Buffer): Buffer {
  return bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes;
}
