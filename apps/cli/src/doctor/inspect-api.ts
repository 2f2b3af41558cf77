import { Readiness } from "@pedidos/contract";
import { Value } from "typebox/value";
import { shapeOf } from "../shape-of.ts";
import { type Finding, findingsAbout, MOST_CLOCK_MS } from "./finding.ts";

const shape = shapeOf(Readiness);
const { ok, problem } = findingsAbout("api");

/** The finding where consuming is paused by hand. */
export const PAUSED = "consuming is paused: orders are accepted, and wait";
const TIMEOUT_MS = 5_000;
/** The header Date has whole seconds. */
const ROUNDING_MS = 1_000;

/** → the findings about an API, by what it answers without a key. */
export async function inspectApi(url: string): Promise<Finding[]> {
  let answer: Response;
  let readiness: unknown;
  try {
    answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    readiness = await answer.json();
  } catch {
    return [problem(`${url} does not answer`, "Does it run? Set PEDIDOS_URL or --url.")];
  }
  if (!Value.Check(shape, readiness))
    return [problem(`${url} is something else`, "Set PEDIDOS_URL or --url to the API.")];
  const down = Object.entries(readiness.dependencies).flatMap(([name, state]) => (state === "up" ? [] : [name]));
  const findings = [
    down.length === 0
      ? ok(`${url} is ready`)
      : problem(
          `it is ${readiness.status}: it does not reach its ${down.join(" and its ")}`,
          "Start it, or check the network between them. Accepted orders wait.",
        ),
  ];
  if (readiness.consuming === "paused") findings.push(problem(PAUSED, "pedidos resume"));
  const clock = Date.parse(answer.headers.get("date") ?? "") - Date.now();
  if (Math.abs(clock) > MOST_CLOCK_MS + ROUNDING_MS)
    findings.push(
      problem(
        `its clock differs from this machine's by ${Math.round(Math.abs(clock) / 1_000)} s`,
        "Have both keep time by NTP.",
      ),
    );
  return findings;
}
