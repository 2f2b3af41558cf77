import { strict } from "@pedidos/contract";
import Type, { type TSchema } from "typebox";
import { Compile } from "typebox/compile";

type Media = Readonly<Record<string, { readonly schema: object }>>;
type Responses = Readonly<Record<string, { readonly content?: Media }>>;
type Methods = Readonly<Record<string, { readonly responses: Responses }>>;
/** The part of an OpenAPI document that answers are held to. */
export type DescribedAnswers = {
  readonly paths: Readonly<Record<string, Methods>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
type Answer = { readonly method: string; readonly path: string; readonly status: number; readonly type: string | null };

/** What checks the body of an answer: a JSON value, or the value of a line. */
type CheckValue = (value: unknown) => readonly string[];
type Checked = { readonly findings: readonly string[]; readonly checkValue: CheckValue };

const NOTHING_FOUND: CheckValue = () => [];

/**
 * Holds answers to the document: their status, their type, and every member of their body, none left out and none that it
 * does not name.
 */
export function openAnswerChecker({ paths, components }: DescribedAnswers) {
  const templates = Object.entries(paths).map(([template, methods]) => ({ methods, pattern: patternOf(template) }));
  const validators = new Map<object, CheckValue>();

  /** → the schema with its references in place. */
  function resolve(schema: object): TSchema {
    if ("anyOf" in schema && Array.isArray(schema.anyOf)) return Type.Union(schema.anyOf.map(resolve));
    if (!("$ref" in schema)) return strict(JSON.parse(JSON.stringify(schema), (_key, value) => inPlace(value)));
    return resolve(components.schemas[String(schema.$ref).split("/").at(-1) ?? ""] ?? {});
  }
  const inPlace = (value: unknown) =>
    typeof value === "object" && value !== null && "$ref" in value ? resolve(value) : value;

  function validatorOf(schema: object): CheckValue {
    const known = validators.get(schema);
    if (known !== undefined) return known;
    const validator = Compile(resolve(schema));
    const check = (value: unknown) =>
      validator.Errors(value).map(({ instancePath, message }) => `${instancePath} ${message}`);
    validators.set(schema, check);
    return check;
  }

  return ({ method, path, status, type }: Answer): Checked => {
    const here = templates.filter(({ pattern }) => pattern.test(path)).map(({ methods }) => methods);
    const operation = here.find((methods) => methods[methodOf(method)] !== undefined)?.[methodOf(method)];
    // Pages and documents are no part of the document.
    if (here.length === 0 && status < 400) return { findings: [], checkValue: NOTHING_FOUND };
    const responses = operation?.responses ?? { [status]: refusalOf(here[0]) };
    const media = type?.split(";", 1)[0] ?? "";
    const schema = responses[status]?.content?.[media]?.schema;
    if (schema !== undefined) return { findings: [], checkValue: validatorOf(schema) };
    const isWithoutBody = responses[status] !== undefined && responses[status].content === undefined;
    return { findings: isWithoutBody ? [] : [`${media || "no body"} is not described`], checkValue: NOTHING_FOUND };
  };

  /** A path refuses a method that it does not have as it refuses any bad request, and what is no path is a problem. */
  function refusalOf(methods: Methods | undefined): Responses[string] {
    const [other] = Object.values(methods ?? {});
    return (
      other?.responses[400] ?? { content: { "application/problem+json": { schema: components.schemas.Problem ?? {} } } }
    );
  }
}

const methodOf = (method: string) => (method === "HEAD" ? "get" : method.toLowerCase());

/** A proxy may show the API behind further parts of a path, of which none is `v1`. */
function patternOf(template: string): RegExp {
  return new RegExp(`^(?:/(?!v1(?:/|$))[^/]+)*${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
