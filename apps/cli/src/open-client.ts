import { setTimeout as sleep } from "node:timers/promises";
import { Problem, type Static } from "@pedidos/contract";
import Type, { type TSchema } from "typebox";
import { Value } from "typebox/value";
import { exitCodes, Failure } from "./failure.ts";
import { shapeOf } from "./shape-of.ts";

export type Target = {
  /** Of the API, without a path. */
  readonly url: string;
  /** The bearer key, where the API wants one. */
  readonly key?: string | undefined;
};

export type Request = {
  readonly method?: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly accept?: string;
  readonly body?: string;
  readonly contentType?: string;
};

/** The API, spoken to as the person who runs the command. */
export type Client = {
  /** @throws {Failure} for every answer that is not 2xx, with what the problem document says. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** As `fetch`; → the answer's JSON, which is what the schema says. */
  readonly read: <Schema extends TSchema>(schema: Schema, request: Request) => Promise<Static<Schema>>;
};

/** How often and how long a request that met an outage (429, 502, 503, 504, no connection) is made again. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 5_000;
const OUTAGE: readonly number[] = [429, 502, 503, 504];

/** Gateways in between may say less. */
const SomeProblem = shapeOf(Type.Partial(Type.Pick(Problem, ["title", "detail", "errors"])));

/** Requests are safe to repeat here: orders are idempotent, the rest only reads or happens once. */
export function openClient({ url, key }: Target, patienceMs = PATIENCE_MS): Client {
  async function once({ method = "GET", path, query = {}, accept, body, contentType }: Request): Promise<Response> {
    const address = new URL(path, url);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, String(value));
    const headers = new Headers({ accept: accept ?? "application/json" });
    if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
    if (contentType !== undefined) headers.set("content-type", contentType);
    return await fetch(address, { method, headers, body: body ?? null });
  }

  async function fetchPatiently(request: Request): Promise<Response> {
    const deadline = Date.now() + patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      const answer = await once(request).catch((error: unknown) => describeNetworkError(error));
      if (typeof answer !== "string" && answer.ok) return answer;
      const isOutage = typeof answer === "string" || OUTAGE.includes(answer.status);
      const waitMs = typeof answer === "string" ? pauseMs : Math.max(pauseMs, retryAfterMs(answer));
      if (!isOutage || Date.now() + waitMs > deadline) throw await failureOf(answer, url);
      if (typeof answer !== "string") await answer.body?.cancel();
      await sleep(waitMs);
    }
  }

  return {
    fetch: fetchPatiently,
    async read(schema, request) {
      const answer: unknown = await (await fetchPatiently(request)).json();
      if (Value.Check(shapeOf(schema), answer)) return answer;
      throw new Failure(
        exitCodes.refused,
        `${url} answers ${request.path} in a way that this version of pedidos does not know. Are both of the same release?`,
      );
    },
  };
}

function retryAfterMs(answer: Response): number {
  const seconds = Number(answer.headers.get("retry-after"));
  return Number.isFinite(seconds) ? Math.min(seconds * 1_000, LAST_PAUSE_MS) : 0;
}

async function failureOf(answer: Response | string, url: string): Promise<Failure> {
  if (typeof answer === "string")
    return new Failure(
      exitCodes.unavailable,
      `${url} does not answer (${answer}). Does it run? Set PEDIDOS_URL or --url.`,
    );
  const { status } = answer;
  const what = await describeProblem(answer);
  if (status === 401 || status === 403)
    return new Failure(exitCodes.noPermission, `${what} Set PEDIDOS_KEY to a key with the scope that is needed.`);
  return new Failure(OUTAGE.includes(status) ? exitCodes.unavailable : exitCodes.refused, what);
}

async function describeProblem(answer: Response): Promise<string> {
  const text = await answer.text();
  const problem: unknown = parseJson(text);
  if (!Value.Check(SomeProblem, problem)) return `The server answered ${answer.status} ${answer.statusText}.`;
  const faults = (problem.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer || "(the whole)"} ${detail}`);
  return `${problem.title ?? answer.status}: ${problem.detail ?? ""}${faults.join("")}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}
