import type { Problem as ProblemDocument } from "@pedidos/contract";

/** A refusal of the server: a problem document (RFC 9457), or no answer at all (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  /** Its stable name; undefined if there was no answer, or none of the API's. */
  readonly kind: string | undefined;

  constructor(status: number, title: string, detail: string, kind?: string) {
    super(detail);
    this.status = status;
    this.title = title;
    this.kind = kind;
  }
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

type Change = { readonly method: "POST" | "PUT" | "DELETE"; readonly body?: string; readonly prefer?: string };

/** → the path with the parameters that have a value. */
export function pathOf(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === "" ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** → a URL of the API, whose path is relative to the page's: a proxy may show both behind a prefix. */
export const urlOf = (path: string, query: Query = {}) => `.${pathOf(path, query)}`;

/** → the answer's JSON. @throws {Problem} for every answer that is not 2xx */
export async function read<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  const answer = await ask(pathOf(path, query), signal === undefined ? {} : { signal });
  return await answer.json();
}

/** Changes something; → the answer's JSON, null if it has none. @throws {Problem} */
export async function change<Answer>(path: string, { method, body, prefer }: Change): Promise<Answer | null> {
  const headers = new Headers();
  if (body !== undefined) headers.set("content-type", "application/json");
  if (prefer !== undefined) headers.set("prefer", prefer);
  const answer = await ask(path, { method, headers, body: body ?? null });
  return answer.status === 204 ? null : await answer.json();
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(urlOf(path), { ...init, cache: "no-store" }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "", "");
  });
  if (answer.ok) return answer;
  throw await problemOf(answer);
}

async function problemOf(answer: Response): Promise<Problem> {
  const document: Partial<ProblemDocument> = await answer.json().catch(() => ({}));
  const { title = `${answer.status} ${answer.statusText}`, detail = "", type } = document;
  return new Problem(answer.status, title, detail, type?.split(":").at(-1));
}
