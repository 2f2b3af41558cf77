import type { openAnswerChecker } from "./answer-checker.ts";

type Fetch = typeof globalThis.fetch;
type Check = ReturnType<typeof openAnswerChecker>;

/** The API alone names each request in its answer. */
const isOfApi = ({ headers }: Response) => headers.has("x-request-id");
/** Answers without a body. */
const EMPTY = [204, 304];

/** → `fetch`, which adds what the checker finds in the API's answers to a list; other servers' answers pass. */
export function checkedFetch(ask: Fetch, check: Check, found: string[]): Fetch {
  return async (input, init) => {
    const answer = await ask(input, init);
    if (!isOfApi(answer)) return answer;
    const method = init?.method?.toUpperCase() ?? (input instanceof Request ? input.method : "GET");
    const { pathname: path } = new URL(answer.url);
    const type = answer.headers.get("content-type");
    const { findings, checkValue } = check({ method, path, status: answer.status, type });
    const add = (finding: string) => found.push(`${method} ${path} ${answer.status}: ${finding}`);
    findings.forEach(add);
    if (answer.body === null || EMPTY.includes(answer.status) || method === "HEAD" || !/json/.test(type ?? ""))
      return answer;
    return withBody(answer, await checkedBody(answer, answer.body, (text) => checkText(text, checkValue).forEach(add)));
  };
}

function checkText(text: string, checkValue: (value: unknown) => readonly string[]): readonly string[] {
  try {
    return checkValue(JSON.parse(text));
  } catch {
    return [`no JSON: ${text.slice(0, 200)}`];
  }
}

/** A whole body is checked at once, since many tests read none; a streamed one as the test reads it. */
async function checkedBody(answer: Response, body: ReadableStream<Uint8Array>, check: (text: string) => void) {
  if (answer.headers.has("content-length")) {
    const bytes = await answer.arrayBuffer();
    check(Buffer.from(bytes).toString());
    return bytes;
  }
  const isLines = answer.headers.get("content-type") === "application/x-ndjson";
  const decoder = new TextDecoder();
  let rest = "";
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        rest += decoder.decode(bytes, { stream: true });
        if (isLines) {
          const lines = rest.split("\n");
          rest = lines.pop() ?? "";
          lines.forEach(check);
        }
        controller.enqueue(bytes);
      },
      flush() {
        if (rest !== "" || !isLines) check(rest);
      },
    }),
  );
}

function withBody(
  { status, statusText, headers, url }: Response,
  body: ConstructorParameters<typeof Response>[0],
): Response {
  return Object.defineProperty(new Response(body, { status, statusText, headers }), "url", { value: url });
}
