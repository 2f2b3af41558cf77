import { setTimeout as sleep } from "node:timers/promises";
import { Problem, type Static } from "@pedidos/contract";
import Type, { type TSchema } from "typebox";
import { Value } from "typebox/value";
import { exitCodes, Failure } from "./failure.ts";
import { shapeOf } from "./shape-of.ts";

export type Target = {
  /** Of the API, without a path. */
  readonly url: string;
  /** The bearer key, if the API needs one. */
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

/** Sends requests to the API with the key of the person who runs the command. */
export type Client = {
  /** @throws {Failure} for every answer that is not 2xx, with what the problem document says */
  readonly fetch: (request: Request) => Promise<Response>;
  /** As `fetch`; → the answer's JSON. @throws {Failure} if it does not match the schema */
  readonly read: <Schema extends TSchema>(schema: Schema, request: Request) => Promise<Static<Schema>>;
  /**
   * As `fetch`, of an answer in NDJSON: hands on each line, and returns the last one, which ends a complete answer.
   *
   * @throws {Failure} if a line matches neither schema, or the answer breaks off
   */
  readonly readLines: <Line extends TSchema, End extends TSchema>(
    schemas: { readonly line: Line; readonly end: End },
    request: Request,
    onLine: (line: Static<Line>) => void,
  ) => Promise<Static<End>>;
};

/** How long a request that met an outage (429, 502, 503, 504, no connection) is retried, and how often. */
export const RETRY_LIMIT_MS = 60_000;
const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 5_000;
const OUTAGE: readonly number[] = [429, 502, 503, 504];

/** Gateways in between may say less. */
const SomeProblem = shapeOf(Type.Partial(Type.Pick(Problem, ["title", "detail", "errors"])));

/** Every request of the CLI is safe to retry: orders are idempotent, the others only read or happen once. */
export function openClient({ url, key }: Target): Client {
  async function once({ method = "GET", path, query = {}, accept, body, contentType }: Request): Promise<Response> {
    const address = new URL(path, url);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, String(value));
    const headers = new Headers({ accept: accept ?? "application/json" });
    if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
    if (contentType !== undefined) headers.set("content-type", contentType);
    return await fetch(address, { method, headers, body: body ?? null });
  }

  async function fetchWithRetries(request: Request): Promise<Response> {
    const deadline = Date.now() + RETRY_LIMIT_MS;
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS)) {
      const answer = await once(request).catch((error: unknown) => describeNetworkError(error));
      if (typeof answer !== "string" && answer.ok) return answer;
      const isOutage = typeof answer === "string" || OUTAGE.includes(answer.status);
      const waitMs = typeof answer === "string" ? backOffMs : Math.max(backOffMs, retryAfterMs(answer));
      if (!isOutage || Date.now() + waitMs > deadline) throw await failureOf(answer, url);
      if (typeof answer !== "string") await answer.body?.cancel();
      await sleep(waitMs);
    }
  }

  function unknownAnswer({ path }: Request): Failure {
    return new Failure(
      exitCodes.refused,
      `${url} answers ${path} in a way that this version of pedidos does not know. Are both of the same release?`,
    );
  }

  return {
    fetch: fetchWithRetries,
    async read(schema, request) {
      const answer: unknown = await (await fetchWithRetries(request)).json();
      if (Value.Check(shapeOf(schema), answer)) return answer;
      throw unknownAnswer(request);
    },
    async readLines(schemas, request, onLine) {
      const [line, end] = [shapeOf(schemas.line), shapeOf(schemas.end)];
      for await (const text of linesOf(await fetchWithRetries({ ...request, accept: "application/x-ndjson" }))) {
        const value: unknown = parseJson(text);
        if (Value.Check(line, value)) onLine(value);
        else if (Value.Check(end, value)) return value;
        else if (Value.Check(SomeProblem, value) && value.detail !== undefined) throw brokenOff(value.detail);
        else throw unknownAnswer(request);
      }
      throw brokenOff("its last line is missing.");
    },
  };
}

async function* linesOf({ body }: Response): AsyncGenerator<string, void> {
  if (body === null) return;
  let rest = "";
  try {
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    throw brokenOff(`${describeNetworkError(error)}.`);
  }
}

const brokenOff = (reason: string) => new Failure(exitCodes.unavailable, `The answer broke off: ${reason}`);

function retryAfterMs(answer: Response): number {
  const seconds = Number(answer.headers.get("retry-after"));
  return Number.isFinite(seconds) ? Math.min(seconds * 1_000, LONGEST_BACK_OFF_MS) : 0;
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
  const problem: unknown = parseJson(await answer.text());
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
