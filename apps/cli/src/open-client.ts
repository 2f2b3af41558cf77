import { setTimeout as sleep } from "node:timers/promises";
import { Problem, type Static } from "@pedidos/contract";
import Type, { type TSchema } from "typebox";
import { Value } from "typebox/value";
import { exitCodes, Failure, reasonOf } from "./failure.ts";
import { log } from "./print.ts";
import { reportOutage } from "./report-outage.ts";
import { shapeOf } from "./shape-of.ts";

export type Target = {
  /** Of the API, without a slash at its end; its path comes before that of each request. */
  readonly url: string;
  /** The bearer key, if the API needs one. */
  readonly key?: string | undefined;
  /** Whether to retry even if it has not answered yet; else the first request fails at once. */
  readonly waits: boolean;
  readonly retryLimitMs?: number;
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
/** After this long without an answer the command reports what it waits for. */
const NOTICE_MS = 1_000;
/** The first answer of a server that is not waited for takes no longer. */
const FIRST_ANSWER_LIMIT_MS = 30_000;

/** Gateways in between may say less. */
const SomeProblem = shapeOf(Type.Partial(Type.Pick(Problem, ["title", "detail", "errors"])));

/** Every request of the CLI is safe to retry: orders are idempotent, the others only read or happen once. */
export function openClient({ url, key, waits, retryLimitMs = RETRY_LIMIT_MS }: Target): Client {
  let hasAnswered = false;
  const outage = reportOutage(url, retryLimitMs);

  async function once({ method = "GET", path, query = {}, accept, body, contentType }: Request): Promise<Response> {
    const address = new URL(`${url}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, String(value));
    const headers = new Headers({ accept: accept ?? "application/json" });
    if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
    if (contentType !== undefined) headers.set("content-type", contentType);
    const request = { method, headers, body: body ?? null };
    return hasAnswered ? await fetch(address, request) : await fetchFirst(address, request);
  }

  /** A file on a slow line takes its time, so what waits has no limit here. */
  async function fetchFirst(address: URL, request: RequestInit): Promise<Response> {
    const limit = new AbortController();
    const notice = setTimeout(() => log(`${url} has not answered yet; waiting for it.`), NOTICE_MS);
    const expiry = setTimeout(() => limit.abort(new Error("silent for 30 s")), FIRST_ANSWER_LIMIT_MS);
    if (waits) clearTimeout(expiry);
    try {
      return await fetch(address, { ...request, signal: limit.signal });
    } finally {
      clearTimeout(notice);
      clearTimeout(expiry);
    }
  }

  async function fetchWithRetries(request: Request): Promise<Response> {
    const deadline = Date.now() + retryLimitMs;
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS)) {
      const answer = await once(request).catch(reasonOf);
      const isOutage = typeof answer === "string" || OUTAGE.includes(answer.status);
      if (!isOutage) {
        hasAnswered = true;
        outage.end();
        if (answer.ok) return answer;
      }
      const waitMs = typeof answer === "string" ? backOffMs : Math.max(backOffMs, retryAfterMs(answer));
      const isRetried = isOutage && (waits || hasAnswered) && Date.now() + waitMs <= deadline;
      if (!isRetried) throw await failureOf(answer, url);
      outage.begin(typeof answer === "string" ? `does not answer (${answer})` : `answers ${answer.status}`);
      if (typeof answer !== "string") await answer.body?.cancel();
      await sleep(waitMs);
    }
  }

  function unknownAnswer({ path }: Request): Failure {
    return new Failure(
      exitCodes.refused,
      `${url} answers ${path} in a way that this version of pedidos does not know. Is it the API's URL, and of the same release?`,
    );
  }

  return {
    fetch: fetchWithRetries,
    async read(schema, request) {
      const answer: unknown = parseJson(await textOf(await fetchWithRetries(request)));
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
    throw brokenOff(`${reasonOf(error)}.`);
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
  const what = await describeProblem(answer, url);
  if (status === 401 || status === 403)
    return new Failure(exitCodes.noPermission, `${what} Set PEDIDOS_KEY to a key with the scope that is needed.`);
  return new Failure(OUTAGE.includes(status) ? exitCodes.unavailable : exitCodes.refused, what);
}

async function describeProblem(answer: Response, url: string): Promise<string> {
  const problem: unknown = parseJson(await textOf(answer));
  if (!Value.Check(SomeProblem, problem))
    return `${url} answered ${answer.status} ${answer.statusText}, and not as the API does. Is it the API's URL?`;
  const faults = (problem.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer || "(the whole)"} ${detail}`);
  return `${problem.title ?? answer.status}: ${problem.detail ?? ""}${faults.join("")}`;
}

function textOf(answer: Response): Promise<string> {
  return answer.text().catch((error: unknown) => {
    throw brokenOff(`${reasonOf(error)}.`);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
