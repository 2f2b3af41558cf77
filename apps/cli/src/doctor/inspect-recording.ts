import { Overview } from "@pedidos/contract";
import { Value } from "typebox/value";
import { shapeOf } from "../shape-of.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const shape = shapeOf(Overview);
const { ok, note, problem } = findingsAbout("api");
const TIMEOUT_MS = 10_000;

type Target = { readonly url: string; readonly key: string | undefined };

/**
 * → the findings about recording, by what an API reports of its queues and of its progress; none if it does not answer.
 *
 * @param isBrokerSeen whether the broker's queues are inspected too; what they show is not reported twice
 */
export async function inspectRecording({ url, key }: Target, isBrokerSeen: boolean): Promise<Finding[]> {
  const headers = new Headers(key === undefined ? {} : { authorization: `Bearer ${key}` });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(`${url}/v1/overview`, { headers, signal }).catch(() => undefined);
  if (answer === undefined) return [];
  const overview: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && Value.Check(shape, overview)) return judgeRecording(overview, isBrokerSeen);
  const todo =
    answer.status === 401 || answer.status === 403
      ? "Set PEDIDOS_KEY to a key with the scope metrics:read."
      : "Check the API's log.";
  return [note(`whether it consumes and records is not known: /v1/overview answers ${answer.status}`, todo)];
}

/** → whether orders are consumed and recorded; in a pause that is neither. */
export function judgeRecording(overview: Overview, isBrokerSeen: boolean): Finding[] {
  const { readiness, consumers, stalledSince, backlog } = overview;
  const { "orders.intake": queued, "orders.dead-letter": dead } = backlog.queues ?? {};
  const findings: Finding[] = [];
  if (!isBrokerSeen && (dead ?? 0) > 0)
    findings.push(problem(`${dead} dead letters`, "Inspect them: pedidos dead-letters list."));
  if (readiness.consuming === "paused") return findings;
  if (consumers === 0) {
    if (!isBrokerSeen)
      findings.push(
        problem(
          `nobody consumes orders.intake, where ${queued ?? 0} messages wait`,
          "Start a consumer, or check its log and its /health/ready. Accepted orders wait.",
        ),
      );
  } else if (stalledSince !== null)
    findings.push(
      problem(
        `nothing has been recorded since ${stalledSince}, though orders wait`,
        "Check the consumer's log and its /health/ready; PedidosNothingRecorded in docs/operations.md lists the causes.",
      ),
    );
  else if (consumers !== null) findings.push(ok("orders are consumed"));
  return findings;
}
