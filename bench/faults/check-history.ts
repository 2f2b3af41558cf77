import { checkAnswers } from "./check-answers.ts";
import { checkEvents } from "./check-events.ts";
import { checkOrders } from "./check-orders.ts";
import { checkRejections } from "./check-rejections.ts";
import type { History, Tables } from "./history.ts";
import { indexHistory } from "./index-history.ts";
import type { Finding, Verdict } from "./verdict.ts";

/**
 * Decides about a run: what clients sent and were answered, and what was announced meanwhile, against what the database and
 * the broker hold once the system is idle. Pure.
 */
export function checkHistory(history: History, tables: Tables): Verdict {
  const findings: Finding[] = [];
  const find = (kind: Finding["kind"], what: string) => void findings.push({ kind, what });
  const index = indexHistory(history, tables);
  checkOrders(index, tables, find);
  checkRejections(index, tables, find);
  checkEvents(history, tables, find);
  checkAnswers(history, index, find);
  for (const [place, count] of Object.entries(tables.left)) if (count > 0) find("left", `${count} in ${place}`);
  for (const { name, what } of history.badEnds) find("ended", `${name} ${what}`);
  return { findings, figures: figuresOf(history, tables, index) };
}

function figuresOf({ operations, events }: History, tables: Tables, index: ReturnType<typeof indexHistory>) {
  // Recorded, though no client got an answer that says so.
  let recovered = 0;
  for (const { orderId, content } of index.rows.values()) {
    const sent = (index.sent.get(orderId) ?? []).filter((submission) => submission.content === content);
    if (sent.length > 0 && !sent.some(({ promised }) => promised === "accepted")) recovered++;
  }
  return {
    recovered,
    recorded: tables.orders.length,
    rejected: tables.rejections.length,
    requests: operations.length,
    lines: operations.reduce((sum, { lines }) => sum + lines.length, 0),
    unavailable: operations.filter(({ outcome }) => outcome.kind === "answered" && outcome.status === 503).length,
    closed: operations.filter(({ outcome }) => outcome.kind === "closed").length,
    unconfirmed: operations.filter(({ outcome }) => outcome.kind === "unconfirmed" || outcome.kind === "returned")
      .length,
    events: events.size,
    announcedAgain: [...events.values()].filter(({ times }) => times > 1).length,
  };
}
