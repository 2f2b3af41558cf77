import { limits, readInstant } from "@pedidos/domain";
import type { FastifyRequest } from "fastify";
import { type Refusal, refusal } from "./answer.ts";

/** A parameter as the document describes it. */
export type DescribedParameter = {
  readonly schema: object;
  readonly description?: string;
  readonly example?: number | string;
};

/** A parameter of a path or a query, and how its text becomes a value; undefined if it is none. */
export type Parameter<Value> = DescribedParameter & {
  readonly parse: (text: string) => Value | undefined;
  readonly expected: string;
};
export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

type ValueOf<Of> = Of extends Parameter<infer Value> ? Value : never;
/** Those of the path are there, those of the query may be. */
export type Values<Path, Query> = { readonly [Name in keyof Path]: ValueOf<Path[Name]> } & {
  readonly [Name in keyof Query]?: ValueOf<Query[Name]>;
};

/** An integer from 1 up in decimal digits; nothing else that JavaScript would take for a number. */
export function integerUpTo(maximum: number, options: object = {}): Parameter<number> {
  return {
    schema: { type: "integer", minimum: 1, maximum, ...options },
    expected: `an integer from 1 to ${maximum}`,
    parse: (text) => (/^[1-9][0-9]{0,15}$/.test(text) && Number(text) <= maximum ? Number(text) : undefined),
  };
}

export function choice<Value extends string>(values: readonly Value[], description: string): Parameter<Value> {
  return {
    description,
    schema: { type: "string", enum: values },
    expected: `one of ${values.join(", ")}`,
    parse: (text) => values.find((value) => value === text),
  };
}

/** How many a page of a list may hold. */
export function limitOf(maximum: number, byDefault: number): Parameter<number> {
  return { ...integerUpTo(maximum, { default: byDefault }), description: "How many the page may hold." };
}

export const ID = { ...integerUpTo(limits.id), description: "Its id.", example: 1001 };
export const DEFAULT_LIMIT = 50;
export const LIMIT = limitOf(200, DEFAULT_LIMIT);
export const INSTANT: Parameter<string> = {
  schema: { type: "string", format: "date-time" },
  expected: "an RFC 3339 time (a + in it is written %2B in a URL)",
  parse: (text) => readInstant(text) ?? undefined,
};

const NONE = {};

/** Makes a reader of the known parameters of a request, which ignores others. One that is given twice is refused. */
export function parameterReader<Path extends Parameters, Query extends Parameters>(path?: Path, query?: Query) {
  const known = [
    ...Object.entries(path ?? {}).map(([name, parameter]) => ({ name, ...parameter, from: "params" as const })),
    ...Object.entries(query ?? {}).map(([name, parameter]) => ({ name, ...parameter, from: "query" as const })),
  ];
  return (request: Pick<FastifyRequest, "params" | "query">): Values<Path, Query> | Refusal => {
    const values: Record<string, unknown> = known.length === 0 ? NONE : {};
    for (const { name, from, parse, expected } of known) {
      const [text, ...more] = textsOf(request[from], name);
      if (text === undefined) continue;
      if (more.length > 0) return refusal("invalid_parameter", `The query parameter ${name} is given more than once.`);
      const value = parse(text);
      if (value === undefined) {
        const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
        return refusal("invalid_parameter", `${name} is ${shown}; must be ${expected}.`);
      }
      values[name] = value;
    }
    return values as Values<Path, Query>;
  };
}

function textsOf(parameters: unknown, name: string): string[] {
  const value = typeof parameters === "object" && parameters !== null ? Reflect.get(parameters, name) : undefined;
  return [value].flat().filter((text) => typeof text === "string");
}
