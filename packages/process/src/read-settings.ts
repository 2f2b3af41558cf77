// Ours, not `envalid`: that takes a variable that is set to "" as given and reads no NAME_FILE, and its validators repeat a
// bad value, which may be a secret. TypeBox's checker adds 136 kB and 6 ms to each start. See docs/decisions/0014.
import { readFileSync } from "node:fs";

/** One setting: its documentation, and how its text becomes a value. */
export type Setting<Value> = {
  readonly doc: string;
  /** Stands for a variable that is unset, or empty unless that is a value; without a default the setting is required. */
  readonly default?: string | undefined;
  /** An empty text is a value, and not the same as none. */
  readonly takesEmpty?: boolean;
  /** It may hold a password, and may be given as NAME_FILE too: the path of a file that holds the text. */
  readonly secret?: boolean;
  /** → the value, or what is wrong with the text, in words that repeat no secret. */
  readonly parse: (text: string) => { readonly value: Value } | { readonly problem: string };
};

type Definitions = Readonly<Record<string, Setting<unknown>>>;
type Environment = Readonly<Record<string, string | undefined>>;

export type Settings<Defined> = {
  readonly [Name in keyof Defined]: Defined[Name] extends Setting<infer Value> ? Value : never;
};

/**
 * Reads all settings from an environment before it reports any problem.
 *
 * @returns the values by name, or one line a problem: a setting that is missing or bad, and its documentation
 */
export function readSettings<Defined extends Definitions>(
  environment: Environment,
  definitions: Defined,
): { kind: "settings"; settings: Settings<Defined> } | { kind: "problems"; problems: string[] } {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(definitions)) {
    const read = readSetting(environment, name, setting);
    if ("problem" in read) problems.push(`${read.problem}: ${setting.doc}`);
    else values[name] = read.value;
  }
  return problems.length > 0
    ? { kind: "problems", problems }
    : { kind: "settings", settings: values as Settings<Defined> };
}

/** A secret is its variable's text, or that of the file that NAME_FILE names, without the line end that editors add. */
function readSetting(environment: Environment, name: string, setting: Setting<unknown>) {
  let text = environment[name];
  const file = setting.secret === true ? environment[`${name}_FILE`] : undefined;
  if (file && text) return { problem: `${name} and ${name}_FILE are both set, and only one of them can stand` };
  try {
    if (file) text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "an error";
    return { problem: `${name}_FILE (${file}) cannot be read (${code})` };
  }
  if (text === undefined || (text === "" && setting.takesEmpty !== true)) text = setting.default;
  if (text === undefined) return { problem: `${name} is missing` };
  const parsed = setting.parse(text);
  return "problem" in parsed ? { problem: `${name} ${parsed.problem}` } : parsed;
}

/** `EX_CONFIG` of sysexits.h: the settings are wrong, and a restart won't help. */
const EXIT_BAD_SETTINGS = 78;

/** As {@link readSettings}; reports all problems in one message and ends the process with 78. */
export function readSettingsOrExit<Defined extends Definitions>(definitions: Defined): Settings<Defined> {
  const read = readSettings(process.env, definitions);
  if (read.kind === "settings") return read.settings;
  process.stderr.write(
    `Settings (environment variables) that need mending:\n${read.problems.map((p) => `  ${p}\n`).join("")}`,
  );
  process.exit(EXIT_BAD_SETTINGS);
}
