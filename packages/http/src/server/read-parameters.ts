import { limits } from "@pedidos/domain";
import { type Refusal, refusal } from "./problem.ts";

export type Read<Value> =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** How the text of a parameter becomes a value; undefined where it is none. */
export type Parameter<Value> = { readonly parse: (text: string) => Value | undefined; readonly expected: string };

/** → an id from its decimal digits, 1 … 2^53 - 1; nothing else that JavaScript would take for a number. */
export function parseId(text: string): number | undefined {
  if (!/^[1-9][0-9]{0,15}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= limits.id ? id : undefined;
}

export const ID: Parameter<number> = { parse: parseId, expected: `an integer from 1 to ${limits.id}` };

/** Reads a parameter of the path. */
export function readPath<Value>(parameters: unknown, name: string, { parse, expected }: Parameter<Value>): Read<Value> {
  const text = textsOf(parameters, name)[0] ?? "";
  const value = parse(text);
  return value === undefined ? refuse(name, text, expected) : { kind: "value", value };
}

export function readPathId(parameters: unknown, name: string): Read<number> {
  return readPath(parameters, name, ID);
}

type Values<Parameters> = {
  readonly [Name in keyof Parameters]?: Parameters[Name] extends Parameter<infer Value> ? Value : never;
};

/** Reads the known parameters of a query and ignores others. A parameter that is given twice is refused. */
export function readQuery<Parameters extends Readonly<Record<string, Parameter<unknown>>>>(
  query: unknown,
  parameters: Parameters,
): Read<Values<Parameters>> {
  const values: Record<string, unknown> = {};
  for (const [name, { parse, expected }] of Object.entries(parameters)) {
    const texts = textsOf(query, name);
    const [text] = texts;
    if (text === undefined) continue;
    if (texts.length > 1) return refused(`The query parameter ${name} is given more than once.`);
    const value = parse(text);
    if (value === undefined) return refuse(name, text, expected);
    values[name] = value;
  }
  return { kind: "value", value: values as Values<Parameters> };
}

function textsOf(parameters: unknown, name: string): string[] {
  const value = typeof parameters === "object" && parameters !== null ? Reflect.get(parameters, name) : undefined;
  return [value].flat().filter((text) => typeof text === "string");
}

function refuse(name: string, text: string, expected: string): Read<never> {
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return refused(`${name} is ${shown}; must be ${expected}.`);
}

function refused(detail: string): Read<never> {
  return { kind: "refused", refusal: refusal("invalid_parameter", detail) };
}
