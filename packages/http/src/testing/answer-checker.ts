import { strict } from "@pedidos/contract";
import Type, { type TSchema } from "typebox";
import { Compile } from "typebox/compile";

export type Media = Readonly<Record<string, { readonly schema: object }>>;
type Operation = { readonly responses: Readonly<Record<string, { readonly content?: Media }>> };
/** The part of an OpenAPI document that answers are held to. */
export type DescribedAnswers = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
type Answer = { readonly method: string; readonly path: string; readonly status: number; readonly type: string | null };

/** What checks the body of an answer: a JSON value, or the value of a line. */
type CheckValue = (value: unknown) => readonly string[];
type Checked = { readonly findings: readonly string[]; readonly checkValue: CheckValue };

/** Pages and documents are no part of the document. */
const PAGES = /^\/($|page\/|docs($|\/)|openapi\.json$)/;
const NOTHING_FOUND: CheckValue = () => [];

/**
 * Holds answers to the document: their status, their type, and every member of their body, none left out and none that it
 * does not name.
 */
export function openAnswerChecker({ paths, components }: DescribedAnswers) {
  const templates = Object.keys(paths).map((template) => ({ template, pattern: patternOf(template) }));
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
    const [pathname = ""] = path.split("?", 1);
    if (PAGES.test(pathname)) return { findings: [], checkValue: NOTHING_FOUND };
    const here = templates.find(({ pattern }) => pattern.test(pathname))?.template ?? "";
    const operation = paths[here]?.[method === "HEAD" ? "get" : method.toLowerCase()];
    // What fits no operation is refused with a problem document.
    const content = operation === undefined ? refusalsOf(components.schemas) : operation.responses[status]?.content;
    const media = type?.split(";", 1)[0] ?? "";
    const schema = content?.[media]?.schema;
    if (schema !== undefined) return { findings: [], checkValue: validatorOf(schema) };
    const isDescribed = operation?.responses[status] !== undefined && content === undefined;
    return { findings: isDescribed ? [] : [`${media || "no body"} is not described`], checkValue: NOTHING_FOUND };
  };
}

const refusalsOf = ({ Problem = {} }: DescribedAnswers["components"]["schemas"]): Media => ({
  "application/problem+json": { schema: Problem },
});

/** A proxy may show them behind one more part of the path. */
function patternOf(template: string): RegExp {
  return new RegExp(`^(?:/(?!v1/)[^/]+)?${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
