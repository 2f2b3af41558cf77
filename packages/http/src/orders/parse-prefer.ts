/** A longer wait is cut to this. */
export const MAX_WAIT_SECONDS = 30;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
const PREFERENCE = new RegExp(`(${TOKEN})(?:\\s*=\\s*(${TOKEN}|${QUOTED}))?|${QUOTED}`, "y");

/**
 * Reads the preference `wait` of a Prefer header (RFC 7240) in seconds, at most 30; null if it is absent or no number. The
 * first of two counts, names are case-insensitive, a value may be quoted.
 */
export function parseWait(prefer: string | undefined): number | null {
  if (prefer === undefined) return null;
  for (const text of splitList(prefer)) {
    PREFERENCE.lastIndex = 0;
    const [, name, value = ""] = PREFERENCE.exec(text) ?? [];
    if (name?.toLowerCase() !== "wait") continue;
    const seconds = value.startsWith('"') ? value.slice(1, -1) : value;
    return /^\d+$/.test(seconds) ? Math.min(Number(seconds), MAX_WAIT_SECONDS) : null;
  }
  return null;
}

/** Splits at commas that stand outside quotes. */
function splitList(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"]|")+/g)?.map((part) => part.trim()) ?? [];
}
