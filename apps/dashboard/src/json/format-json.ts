/** A line of a JSON text that was laid out again; its tokens are those of the text, untouched. */
export type JsonLine = {
  readonly depth: number;
  readonly text: string;
  /** The JSON Pointer of the value that begins on this line; undefined for a closing bracket. */
  readonly pointer: string | undefined;
};

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+)/y;
const MOST_CHARACTERS = 262_144;
const MOST_LEVELS = 64;

/**
 * Lays JSON out, a value a line. Numbers and texts stay exactly as they were written, which going by way of
 * `JSON.parse` would not keep.
 *
 * @returns undefined if it is no JSON, or too much to be shown so
 */
export function formatJson(text: string): readonly JsonLine[] | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens = tokensOf(text);
  const lines: JsonLine[] = [];
  let next = 0;
  const peek = () => tokens[next] ?? "";
  const take = () => tokens[next++] ?? "";

  /** @param before what is before the value on its line @param after the comma behind it, set once it is known */
  function value(depth: number, pointer: string, before: string): void {
    const token = take();
    if (token !== "{" && token !== "[") return void lines.push({ depth, pointer, text: before + token });
    const close = token === "{" ? "}" : "]";
    if (peek() === close) return void lines.push({ depth, pointer, text: before + token + take() });
    if (depth >= MOST_LEVELS) throw new RangeError("too deep");
    lines.push({ depth, pointer, text: before + token });
    for (let index = 0; peek() !== close; index++) {
      const key = token === "{" ? take() : undefined;
      if (key !== undefined) take();
      value(
        depth + 1,
        `${pointer}/${key === undefined ? index : pointerPart(key)}`,
        key === undefined ? "" : `${key}: `,
      );
      if (peek() === ",") append(take());
    }
    lines.push({ depth, pointer: undefined, text: take() });
  }

  function append(comma: string): void {
    const last = lines.pop();
    if (last !== undefined) lines.push({ ...last, text: last.text + comma });
  }

  try {
    value(0, "", "");
  } catch {
    return undefined;
  }
  return lines;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] ?? "");
  return tokens;
}

/** A key, as it stands in the text, as a part of a JSON Pointer (RFC 6901). */
function pointerPart(key: string): string {
  return String(JSON.parse(key)).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** → the lines as one text. */
export function joinLines(lines: readonly JsonLine[]): string {
  return lines.map(({ depth, text }) => "  ".repeat(depth) + text).join("\n");
}
