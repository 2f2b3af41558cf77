import { isRecord, parse } from "../content.ts";
import type { Answer, Exchanged } from "./exchange.ts";
import type { HostileRequest } from "./hostile-requests.ts";

const POINTER = /^(\/([^~/]|~[01])*)*$/;

/** → what is wrong with an answer, or undefined. Every answer has to say what was wrong with the request, and where. */
export function judgeAnswers(
  { words, isHead, isWhole, mayReset = false }: HostileRequest,
  exchanged: Exchanged,
): string | undefined {
  const { answers, unread, endedBy } = exchanged;
  if (endedBy === "nobody") return "it was neither answered nor its connection closed";
  if (unread !== "") return `bytes came that are no answer: ${unread.slice(0, 200)}`;
  // What is not whole may be waited for; then the client gives up.
  if (answers.length === 0 && (isWhole || (endedBy === "server" && !mayReset)))
    return "its connection was closed without an answer";
  if (isHead) return answers.some(({ status }) => status >= 500) ? "a 5xx" : undefined;
  return answers.map((answer) => judgeAnswer(answer, words)).find((found) => found !== undefined);
}

function judgeAnswer({ status, headers, body }: Answer, words: HostileRequest["words"]): string | undefined {
  const shown = `${status} ${body.slice(0, 300)}`;
  if (status >= 500) return `a 5xx: ${shown}`;
  if (status < 400) return undefined;
  const value = parse(body);
  if (!isRecord(value)) return `a refusal that is no JSON object: ${shown}`;
  const isProblem = headers.get("content-type")?.startsWith("application/problem+json") === true;
  if (words === "replaced" && !isProblem)
    return typeof value.error === "string" && value.error.length > 5 ? undefined : `a refusal without words: ${shown}`;
  if (!isProblem) return `a refusal that is no problem document: ${headers.get("content-type")} ${shown}`;
  const { type, title, detail, errors } = value;
  if (![type, title, detail].every((text) => typeof text === "string" && text.length > 5) || value.status !== status)
    return `a problem document that lacks something: ${shown}`;
  const isAboutOrder = type === "urn:pedidos:problem:invalid_order" || type === "urn:pedidos:problem:invalid_json";
  if (errors === undefined)
    return isAboutOrder && !String(detail).includes("array") ? `no faults: ${shown}` : undefined;
  return judgeFaults(errors) ?? undefined;
}

/** → what is wrong with a list of faults: 1 to 100, each with a place and words. */
export function judgeFaults(faults: unknown): string | undefined {
  if (!Array.isArray(faults) || faults.length < 1 || faults.length > 100) return "there are not 1 to 100 faults";
  const bad = faults.find(
    (fault) =>
      !isRecord(fault) ||
      typeof fault.pointer !== "string" ||
      !POINTER.test(fault.pointer) ||
      typeof fault.detail !== "string" ||
      fault.detail.length < 10,
  );
  return bad === undefined ? undefined : `a fault without a place or words: ${JSON.stringify(bad)}`;
}
