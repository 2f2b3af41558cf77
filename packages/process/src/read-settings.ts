import { readFileSync } from "node:fs";

/** One setting: what it is for, and how its text becomes a value. */
export type Setting<Value> = {
  readonly doc: string;
  /** The text that stands where the variable is unset or empty; without one the setting must be given. */
  readonly default?: string;
  /** It may hold a password, so it may be given as NAME_FILE as well: the path of a file that holds the text. */
  readonly secret?: boolean;
  /** → the value, or what is wrong with the text, in words that do not repeat a secret. */
  readonly parse: (text: string) => { readonly value: Value } | { readonly problem: string };
};

export type Settings<Definitions> = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends Setting<infer Value> ? Value : never;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings from an environment, all of them before it complains about any.
 *
 * @returns the values by name, or one line a problem: a setting that is missing or bad, and what it is for.
 */
export function readSettings<Definitions extends Readonly<Record<string, Setting<unknown>>>>(
  environment: Environment,
  definitions: Definitions,
): { kind: "settings"; settings: Settings<Definitions> } | { kind: "problems"; problems: string[] } {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(definitions)) {
    const given = readText(environment, name, setting);
    if ("problem" in given) {
      problems.push(`${given.problem}: ${setting.doc}`);
      continue;
    }
    const text = given.text || setting.default;
    if (text === undefined) {
      problems.push(`${name} is missing: ${setting.doc}`);
      continue;
    }
    const parsed = setting.parse(text);
    if ("problem" in parsed) problems.push(`${name} ${parsed.problem}: ${setting.doc}`);
    else values[name] = parsed.value;
  }
  return problems.length > 0
    ? { kind: "problems", problems }
    : { kind: "settings", settings: values as Settings<Definitions> };
}

/** The variable's text, or for a secret that of the file that NAME_FILE names, without the line end that editors add. */
function readText(
  environment: Environment,
  name: string,
  { secret }: Setting<unknown>,
): { text: string | undefined } | { problem: string } {
  const text = environment[name];
  const file = secret === true ? environment[`${name}_FILE`] : undefined;
  if (!file) return { text };
  if (text) return { problem: `${name} and ${name}_FILE are both set, and only one of them can stand` };
  try {
    return { text: readFileSync(file, "utf8").replace(/\r?\n$/, "") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "an error";
    return { problem: `${name}_FILE (${file}) cannot be read (${code})` };
  }
}

/** `EX_CONFIG` of sysexits.h: the settings are wrong, starting again will not help. */
const EXIT_BAD_SETTINGS = 78;

/** As {@link readSettings}; ends the process with one message and exit code 78 where anything is wrong. */
export function readSettingsOrExit<Definitions extends Readonly<Record<string, Setting<unknown>>>>(
  definitions: Definitions,
): Settings<Definitions> {
  const read = readSettings(process.env, definitions);
  if (read.kind === "settings") return read.settings;
  process.stderr.write(
    `Settings (environment variables) that need mending:\n${read.problems.map((p) => `  ${p}\n`).join("")}`,
  );
  process.exit(EXIT_BAD_SETTINGS);
}
