import { contentOf, isRecord, parse, totalOf, unitsOf } from "./content.ts";
import type { History, Operation, Outcome, SentOrder } from "./history.ts";
import type { Index } from "./index-history.ts";
import type { Find } from "./verdict.ts";

type Answered = Extract<Outcome, { kind: "answered" }>;

const CLOCK_MS = 2;

/** Every request is answered or its connection closed, and what the answer says is true. */
export function checkAnswers({ operations }: History, index: Index, find: Find): void {
  for (const operation of operations) {
    const { road, target, outcome } = operation;
    if (outcome.kind === "unanswered")
      find("unanswered", `${road} of ${target} at ${new Date(operation.sentAt).toISOString()}`);
    if (outcome.kind !== "answered") continue;
    const wrong = road === "batch" ? wrongOfBatch(operation, outcome) : wrongOfOrder(operation, outcome, index);
    if (wrong !== undefined)
      find("misanswered", `${road} of ${target}: ${wrong}: ${outcome.status} ${outcome.body.slice(0, 300)}`);
    if (outcome.status === 201) checkRecordedAnswer(operation, index, find);
  }
}

function checkRecordedAnswer({ lines, endedAt }: Operation, index: Index, find: Find): void {
  const [line] = lines;
  const row = line?.kind === "order" ? index.rows.get(line.orderId) : undefined;
  if (row !== undefined && endedAt + CLOCK_MS < row.committedAt)
    find("early", `order ${row.orderId} is answered as recorded ${row.committedAt - endedAt} ms before its commit`);
}

function wrongOfBatch({ lines }: Operation, answer: Answered): string | undefined {
  if (answer.status === 503) return wrongOfUnavailable(answer, true);
  if (answer.status !== 200) return "neither 200 nor 503";
  const answered = parse(answer.body);
  const bad = lines.filter(({ kind }) => kind === "bad").length;
  if (!isRecord(answered) || answered.accepted !== lines.length - bad || answered.rejected !== bad)
    return `${lines.length - bad} good and ${bad} bad lines`;
  return Array.isArray(answered.errors) && answered.errors.length === bad ? undefined : "not every bad line is listed";
}

function wrongOfOrder({ lines, road }: Operation, answer: Answered, index: Index): string | undefined {
  const [line] = lines;
  if (line === undefined) return "nothing was sent";
  if (answer.status === 503) return wrongOfUnavailable(answer, road !== "pedido");
  if (line.kind === "bad") return answer.status === 400 ? undefined : "a bad order is not a 400";
  if (answer.status === 409) return wrongOfConflict(line, index);
  const expected = { single: [202], wait: [201, 202], pedido: [201, 202] }[String(road)] ?? [];
  if (!expected.includes(answer.status)) return "a good order";
  const recorded = index.rows.get(line.orderId);
  if (answer.status === 201 && recorded?.content !== contentOf(line)) return "another order is recorded, or none";
  if (road === "pedido") return undefined;
  const answered = parse(answer.body);
  const total = isRecord(answered) && typeof answered.total === "string" ? unitsOf(answered.total) : undefined;
  return total === totalOf(line.items) ? undefined : `the total is ${totalOf(line.items)}`;
}

function wrongOfConflict(line: SentOrder, index: Index): string | undefined {
  const recorded = index.rows.get(line.orderId);
  return recorded === undefined || recorded.content === contentOf(line) ? "there is no conflict" : undefined;
}

function wrongOfUnavailable({ type, retryAfter }: Answered, isProblem: boolean): string | undefined {
  if (isProblem && !type.startsWith("application/problem+json")) return "no problem document";
  return retryAfter ? undefined : "no Retry-After";
}
