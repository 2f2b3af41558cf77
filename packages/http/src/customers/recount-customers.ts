import { CustomerDifference, Problem, RecountCounts, RecountProgress } from "@pedidos/contract";
import type { KnownHorizon, Store } from "../open-store.ts";
import { route } from "../route.ts";
import { refusal } from "../server/answer.ts";
import type { Parameter } from "../server/read-parameters.ts";
import { streamLines } from "../server/stream-lines.ts";
import { recountSlices } from "./recount-slices.ts";

const REPAIR: Parameter<boolean> = {
  schema: { type: "boolean", default: false },
  description: "Whether sums that differ are set right.",
  expected: "true or false",
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
};

const ENDED_EARLY = {
  unavailable: refusal("unavailable", "The database is unavailable. The customers that follow are not counted."),
  stopped: refusal("unavailable", "This server is stopping. The customers that follow are not counted."),
};

/** How long a range waits for the transactions that are recording, so as to leave as little as possible to count twice. */
const MAX_WAIT_MS = 50;

type Recounting = {
  readonly store: Pick<Store, "countOrders" | "compareCustomers" | "repairCustomer">;
  readonly horizon: KnownHorizon;
};

/** `POST /v1/customers/recount`: every customer's count and total, from the items of its orders. */
export function recountCustomers({ store, horizon }: Recounting) {
  return route("POST", "/v1/customers/recount", {
    scope: "operations:manage",
    query: { repair: REPAIR },
    operationId: "recountCustomers",
    summary: "Recount every customer's orders and total",
    description:
      "From the items, exactly, while orders come in: a line for each customer whose count or total is another, and where `repair` says so it is set right (and written into the audit). A line with `progress` comes every few seconds; the last line has the counts; where it is a problem document instead, not all were counted. Orders of the replaced system have no items, and count by their totals. One at a time in a process.",
    tags: ["Operations"],
    response: {
      200: {
        description: "A line for each difference, by customer id, then the counts.",
        content: {
          "application/x-ndjson": { schema: { anyOf: [CustomerDifference, RecountProgress, RecountCounts, Problem] } },
        },
      },
    },
    refusals: [429, 503],
    handle({ server, performedBy }, reply, _answerJson, { repair = false }) {
      const lines = recountSlices(
        {
          horizon: () => horizon(MAX_WAIT_MS),
          count: store.countOrders,
          compare: store.compareCustomers,
          ...(repair && { repair: (customer) => store.repairCustomer(customer, performedBy) }),
        },
        server.stopping,
      );
      return streamLines(reply, lines, ENDED_EARLY);
    },
  });
}
