import { DEAD_LETTER_QUEUE } from "@pedidos/contract";
import { PEDIDOS_QUEUE } from "@pedidos/domain";
import { type BrokerFacts, judgeQueues, type TopologyPart } from "@pedidos/messaging";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, note, problem } = findingsAbout("broker");

/**
 * → the findings about a broker.
 *
 * @param isPaused whether consuming is paused by hand; then queues need no consumers
 */
export function judgeBroker({ product, version, alarm, parts, queues }: BrokerFacts, isPaused: boolean): Finding[] {
  const findings = [
    judgeVersion(product, version),
    ...parts.flatMap(judgePart),
    ...(isPaused ? [] : parts.flatMap(judgeConsumers)),
    ...judgeQueues(queues).map((concern) => ({ about: "broker" as const, ...concern })),
  ];
  if (alarm === undefined)
    findings.push(problem("it does not confirm a publish within 2 s", "Check its log and its disk."));
  else if (alarm !== null)
    findings.push(
      problem(`it takes no publishes: ${alarm}`, "Give it memory or disk, or let consumers empty its queues."),
    );
  if (!findings.some(({ state }) => state === "problem")) findings.push(ok("it takes publishes"));
  findings.push(
    note("bindings can't be seen over AMQP", "The API and the consumer declare them each time they connect."),
  );
  return findings;
}

function judgeVersion(product: string, version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (product !== "RabbitMQ") return problem(`it is ${product} ${version}`, "Use RabbitMQ 3.10 or newer.");
  if (major < 3 || (major === 3 && minor < 10))
    return problem(
      `RabbitMQ ${version} is too old: its quorum queues lack at-least-once dead-lettering`,
      "Upgrade to 3.10 or newer.",
    );
  if (major > 4 || (major === 4 && minor >= 3))
    return note(
      `RabbitMQ ${version} refuses the queue that the replaced system's producers declare`,
      "If there are any, set deprecated_features.permit.transient_nonexcl_queues = true, as infra/rabbitmq/rabbitmq.conf does.",
    );
  return ok(`RabbitMQ ${version}`);
}

/** The queue of dead letters needs no consumer. */
function judgeConsumers({ name, state, consumers, messages = 0 }: TopologyPart): Finding[] {
  if (consumers !== 0 || state === "absent" || name === DEAD_LETTER_QUEUE) return [];
  return [
    problem(
      `nobody consumes the queue ${name}, where ${messages} messages wait`,
      name === PEDIDOS_QUEUE
        ? "Start a consumer, with PEDIDOS_QUEUE other than off; or delete the queue once it is empty and nobody publishes to it."
        : "Start a consumer, or check its log and its /health/ready. Accepted orders wait.",
    ),
  ];
}

function judgePart({ kind, name, state, detail, messages = 0 }: TopologyPart): Finding[] {
  const what = `the ${kind} ${name}`;
  if (name === PEDIDOS_QUEUE && state === "absent") return [];
  if (state === "absent")
    return [problem(`${what} is absent`, "Start the API or the consumer, or import infra/rabbitmq/definitions.json.")];
  if (state === "different")
    return [
      problem(
        `${what} has other arguments than ours: ${detail ?? ""}`,
        "Stop what uses it, empty it, delete it, and let the API declare it again. Deleting loses its messages.",
      ),
    ];
  if (state === "unseen")
    return [note(`this user may not declare ${what}, so its arguments are unseen`, "Ask as an administrator.")];
  if (name === DEAD_LETTER_QUEUE && messages > 0)
    return [problem(`${messages} dead letters`, "Inspect them: pedidos dead-letters list.")];
  return [ok(`${what} is as it should be`)];
}
