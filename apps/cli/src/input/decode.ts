import { isUtf8 } from "node:buffer";
import { exitCodes, Failure } from "../failure.ts";

export const encodings = ["utf-8", "windows-1252", "latin1", "utf-16le", "utf-16be"] as const;
export type Encoding = (typeof encodings)[number];

const LF = 0x0a;
const MARKS: readonly (readonly [Encoding, Buffer])[] = [
  ["utf-8", Buffer.from([0xef, 0xbb, 0xbf])],
  ["utf-16le", Buffer.from([0xff, 0xfe])],
  ["utf-16be", Buffer.from([0xfe, 0xff])],
];
const ADVICE = "name its encoding: --encoding windows-1252, latin1, utf-16le or utf-16be";

/**
 * → the encoding of a text by its byte order mark, else the one that is declared, else UTF-8.
 *
 * @param start its first four bytes
 * @throws {Failure} if it can be no text in UTF-8: without a mark, UTF-16 shows by its zeros
 */
export function encodingOf(start: Buffer, name: string, declared?: Encoding): Encoding {
  const marked = MARKS.find(([, mark]) => startsWith(start, mark));
  if (marked !== undefined) return marked[0];
  if (declared !== undefined) return declared;
  if (start.subarray(0, 2).includes(0)) {
    const seems = start[0] === 0 ? "utf-16be" : "utf-16le";
    throw new Failure(
      exitCodes.noInput,
      `${name}: line 1 has zeros, as UTF-16 without a byte order mark has; --encoding ${seems} reads it.`,
    );
  }
  return "utf-8";
}

/**
 * Decodes a text. → UTF-8, without its byte order mark.
 *
 * @throws {Failure} at the first bytes that are no text in this encoding; it names their line
 */
export async function* decode(source: AsyncIterable<Buffer>, encoding: Encoding, name: string): AsyncGenerator<Buffer> {
  const [, mark] = MARKS.find(([marked]) => marked === encoding) ?? [encoding, Buffer.alloc(0)];
  const { cut, transcode, isSound } = codecs[encoding];
  let [rest, lines, isStart]: [Buffer, number, boolean] = [Buffer.alloc(0), 0, true];
  function take(whole: Buffer): Buffer {
    if (!isSound(whole)) throw notEncoded(name, lines + 1 + linesBeforeFault(encoding, whole), encoding);
    const text = transcode(whole);
    for (let end = text.indexOf(LF); end !== -1; end = text.indexOf(LF, end + 1)) lines++;
    return text;
  }
  for await (const piece of source) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (isStart && startsWith(bytes, mark)) bytes = bytes.subarray(mark.length);
    isStart = false;
    const end = cut(bytes);
    rest = Buffer.from(bytes.subarray(end));
    if (end > 0) yield take(bytes.subarray(0, end));
  }
  if (rest.length > 0) yield take(rest);
}

/** → a text in UTF-8 as it stood in its encoding. */
export function encode(text: Buffer, encoding: Encoding): Buffer {
  if (encoding === "utf-8") return text;
  const characters = text.toString("utf8");
  if (encoding === "latin1") return Buffer.from(characters, "latin1");
  if (encoding === "utf-16le") return Buffer.from(characters, "utf16le");
  if (encoding === "utf-16be") return Buffer.from(characters, "utf16le").swap16();
  return Buffer.from(Array.from(characters, (one) => windows1252.get(one) ?? one.charCodeAt(0)));
}

/** → what a file in this encoding begins with: UTF-16 can't be read without a mark. */
export function markOf(encoding: Encoding): Buffer {
  return MARKS.find(([marked]) => marked === encoding && marked !== "utf-8")?.[1] ?? Buffer.alloc(0);
}

type Codec = {
  /** → how many of the bytes are whole characters, as far as they show. */
  readonly cut: (bytes: Buffer) => number;
  readonly isSound: (bytes: Buffer) => boolean;
  /** → UTF-8. */
  readonly transcode: (bytes: Buffer) => Buffer;
};

/** The characters of 0x80 to 0x9f; all others are Latin-1's. Node 22's own decoder takes these for Latin-1's too. */
const HIGH_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
const windows1252 = new Map(Array.from(HIGH_1252, (one, index) => [one, 0x80 + index]));
/** The bytes that this encoding leaves free. */
const UNUSED_1252: readonly number[] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

const codecs: Readonly<Record<Encoding, Codec>> = {
  "utf-8": { cut: cutUtf8, isSound: isUtf8, transcode: (bytes) => bytes },
  "windows-1252": {
    cut: (bytes) => bytes.length,
    isSound: (bytes) => !UNUSED_1252.some((byte) => bytes.includes(byte)),
    transcode: (bytes) =>
      Buffer.from(
        bytes.toString("latin1").replace(/[\x80-\x9f]/g, (one) => HIGH_1252[one.charCodeAt(0) - 0x80] ?? one),
      ),
  },
  // Latin-1 has control characters from 0x80 to 0x9f, where Windows-1252 has dashes and quotes. Nobody writes the former.
  latin1: {
    cut: (bytes) => bytes.length,
    isSound: (bytes) => !bytes.some((byte) => byte >= 0x80 && byte < 0xa0),
    transcode: (bytes) => Buffer.from(bytes.toString("latin1")),
  },
  "utf-16le": utf16((bytes) => bytes.toString("utf16le")),
  "utf-16be": utf16((bytes) =>
    Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString("utf16le"),
  ),
};

function utf16(textOf: (bytes: Buffer) => string): Codec {
  return {
    cut(bytes) {
      const even = bytes.length & ~1;
      const last = textOf(bytes.subarray(Math.max(0, even - 2), even)).charCodeAt(0);
      return last >= 0xd800 && last < 0xdc00 ? even - 2 : even;
    },
    isSound: (bytes) => bytes.length % 2 === 0 && textOf(bytes).isWellFormed(),
    transcode: (bytes) => Buffer.from(textOf(bytes)),
  };
}

/** A character has up to four bytes; of one that is cut, the first is among the last three. */
function cutUtf8(bytes: Buffer): number {
  for (let place = bytes.length - 1; place >= Math.max(0, bytes.length - 3); place--) {
    const byte = bytes[place] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return place + length > bytes.length ? place : bytes.length;
  }
  return bytes.length;
}

function startsWith(bytes: Buffer, mark: Buffer): boolean {
  return bytes.subarray(0, mark.length).equals(mark);
}

/** → how many lines end before the first fault of bytes that have one. */
function linesBeforeFault(encoding: Encoding, bytes: Buffer): number {
  const { isSound, transcode, cut } = codecs[encoding];
  // The longest beginning that is sound, by halving.
  let [sound, faulty] = [0, bytes.length];
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1;
    const end = cut(bytes.subarray(0, middle));
    if (isSound(bytes.subarray(0, end))) sound = middle;
    else faulty = middle;
  }
  const text = transcode(bytes.subarray(0, cut(bytes.subarray(0, sound))));
  return text.toString("latin1").split("\n").length - 1;
}

function notEncoded(name: string, line: number, encoding: Encoding): Failure {
  const advice = encoding === "utf-8" ? ADVICE : `is it another? ${ADVICE}`;
  return new Failure(exitCodes.noInput, `${name}: line ${line} is not ${encoding.toUpperCase()}; ${advice}.`);
}
