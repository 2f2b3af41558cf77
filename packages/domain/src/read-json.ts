/** What bytes hold, or what was found where JSON should be, in words. */
export type ReadJson =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "not_json"; readonly found: string };

/** Deeper nesting is not read: a megabyte of open brackets keeps `JSON.parse` busy for a fifth of a second. */
const MOST_LEVELS = 131_072;

// ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads JSON: strict UTF-8 without a byte order mark, nested up to 131072 levels deep. Never throws, whatever the bytes. */
export function readJson(bytes: Uint8Array): ReadJson {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { kind: "not_json", found: "is not UTF-8" };
  }
  if (bytes.length > MOST_LEVELS && isDeeperThan(MOST_LEVELS, bytes))
    return { kind: "not_json", found: `is nested more than ${MOST_LEVELS} levels deep` };
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch (error) {
    return { kind: "not_json", found: describeText(text, error) };
  }
}

/** Tells where JSON ended, without the engine's own message: that quotes the text, which a database may refuse to keep. */
function describeText(text: string, error: unknown): string {
  if (text.startsWith("\ufeff")) return "starts with a byte order mark";
  if (text.trim() === "") return "is empty";
  const position = error instanceof SyntaxError ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "is not JSON" : `is not JSON (at character ${position})`;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** An opening bracket or brace, and a closing one, once the bit is set by which the two kinds differ. */
const [OPEN, CLOSE, KIND] = [0x7b, 0x7d, 0x20];

function isDeeperThan(levels: number, bytes: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position] ?? 0;
    if (isText) {
      if (byte === BACKSLASH) position++;
      else isText = byte !== QUOTE;
    } else if (byte === QUOTE) isText = true;
    else if ((byte | KIND) === OPEN) {
      if (++depth > levels) return true;
    } else if ((byte | KIND) === CLOSE) depth--;
  }
  return false;
}
