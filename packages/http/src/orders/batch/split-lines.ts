/** A line without its line end, or one that is too long to be kept. Numbers count from 1, blank lines too. */
export type Line = { readonly number: number; readonly bytes: Buffer | "too_long" };

/** The fault of a line of which nothing was kept. */
export const LINE_TOO_LONG = { pointer: "", detail: "is over 1 MiB; must be one order of at most 1 MiB" };

const [LF, CR] = [0x0a, 0x0d];
const EMPTY = Buffer.alloc(0);

/**
 * Splits a stream into lines at LF or CR LF, by bytes: where it is cut into pieces does not matter. Blank lines (nothing
 * but white space) are counted and left out. Of a line over the limit nothing is kept.
 */
export function splitLines(maxBytes: number) {
  let number = 0;
  let held: Buffer[] = [];
  let size = 0;

  function hold(part: Buffer): void {
    size += part.length;
    // One byte more may be a CR.
    if (size <= maxBytes + 1) held.push(part);
    else held = [];
  }

  function* finish(last: Buffer): Generator<Line, void> {
    number++;
    let bytes = last;
    if (size > 0) {
      hold(last);
      bytes = size > maxBytes + 1 ? EMPTY : Buffer.concat(held, size);
    } else size = last.length;
    if (bytes[size - 1] === CR) bytes = bytes.subarray(0, --size);
    const isTooLong = size > maxBytes;
    [held, size] = [[], 0];
    if (isTooLong) yield { number, bytes: "too_long" };
    else if (!isBlank(bytes)) yield { number, bytes };
  }

  return {
    /** → the lines that end in this piece. Their bytes are to be used before the next piece is fed. */
    *feed(piece: Buffer): Generator<Line, void> {
      let start = 0;
      for (let end = piece.indexOf(LF); end !== -1; end = piece.indexOf(LF, start)) {
        yield* finish(piece.subarray(start, end));
        start = end + 1;
        // A body may be nothing but line feeds.
        for (; piece[start] === LF; start++) number++;
      }
      if (start < piece.length) hold(piece.subarray(start));
    },
    /** → the last line, if it has no line feed at its end. */
    *end(): Generator<Line, void> {
      if (size > 0) yield* finish(EMPTY);
    },
  };
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== CR) return false;
  return true;
}
