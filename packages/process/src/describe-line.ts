const LEVELS: Readonly<Record<number, string>> = { 40: "warning: ", 50: "error: ", 60: "error: " };
/** The same in every line, or said in another way. */
const LEFT_OUT: readonly string[] = ["level", "time", "pid", "hostname", "name", "msg", "err"];
const FIELD_CHARACTERS = 64;

/**
 * → a line of the log for a person at a terminal.
 *
 * @param showsRequests left out: "" for a request that was answered, of which the page makes many
 */
export function describeLine(json: string, { showsRequests = false } = {}): string {
  const line = parse(json);
  if (line === undefined) return `${printable(json.trimEnd())}\n`;
  const { level, time, msg, err } = line;
  if (msg === "request" && level === 30 && !showsRequests) return "";
  const clock = new Date(String(time)).toLocaleTimeString("en-GB");
  const { message, stack } = recordOf(err);
  const what = typeof message === "string" ? `${String(msg)}: ${message}` : String(msg);
  const fields = Object.entries(line).flatMap(([name, value]) =>
    LEFT_OUT.includes(name) ? [] : [`${name}: ${shortened(value)}`],
  );
  const told = fields.length === 0 ? what : `${what} (${fields.join(", ")})`;
  const where = Number(level) >= 50 && typeof stack === "string" ? stack.split("\n").slice(1) : [];
  return [`${clock}  ${LEVELS[Number(level)] ?? ""}${printable(told)}`, ...where.map(printable), ""].join("\n");
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function shortened(value: unknown): string {
  const text = typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : [value].flat().join(", ");
  return text.length <= FIELD_CHARACTERS ? text : `${text.slice(0, FIELD_CHARACTERS)}…`;
}

/** A terminal obeys control characters, and an order or an address may hold some. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}
