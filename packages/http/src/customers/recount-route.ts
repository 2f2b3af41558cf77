import { CustomerDifference, Problem, RecountCounts, RecountProgress } from "@pedidos/contract";
import * as Type from "typebox";
import type { Access } from "../access/open-access.ts";
import type { KnownHorizon } from "../changes/require-horizon.ts";
import { type Store, StoreUnavailable } from "../open-store.ts";
import { problemAnswers } from "../openapi/describe.ts";
import type { Route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { type Refusal, refusal, writeProblem } from "../server/problem.ts";
import { type Parameter, readQuery } from "../server/read-parameters.ts";
import { streamPages } from "../server/stream-pages.ts";
import { recountCustomers as recount } from "./recount-customers.ts";

const REPAIR: Parameter<boolean> = {
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  expected: "true or false",
};

type Recounting = {
  readonly store: Pick<Store, "countOrders" | "compareCustomers" | "repairCustomer">;
  readonly horizon: KnownHorizon;
  readonly stopping: AbortSignal;
  readonly nameOf: Access["nameOf"];
};

/** `POST /v1/customers/recount`: every customer's count and total, from the items of its orders. */
export function recountCustomers({ store, horizon, stopping, nameOf }: Recounting): Route {
  return {
    method: "POST",
    url: "/v1/customers/recount",
    scope: "operations:manage",
    schema: recountSchema,
    async handle(request, reply) {
      const query = readQuery(request.query, { repair: REPAIR });
      if (query.kind === "refused") return refuseWithProblem(reply, query.refusal);
      const { repair = false } = query.value;
      const actor = nameOf(request.headers.authorization) ?? null;
      const lines = recount(
        {
          horizon: () => horizon(PATIENCE_MS),
          count: store.countOrders,
          compare: store.compareCustomers,
          ...(repair && { repair: (customer) => store.repairCustomer(customer, actor) }),
        },
        stopping,
      );
      return await streamPages(reply.type("application/x-ndjson"), written(lines), (text) => text);
    },
  };
}

/** So long a slice waits for the transactions that are under way, so as to leave as little as possible to count twice. */
const PATIENCE_MS = 50;

/** The lines of the answer. An outage of the database midway is told in the last one; at the start it is thrown. */
async function* written(lines: ReturnType<typeof recount>): AsyncGenerator<string, void> {
  let isFirst = true;
  try {
    for (;;) {
      const next = await lines.next();
      if (next.done) return yield writeLine(next.value === "stopped" ? STOPPED : next.value);
      yield writeLine(next.value);
      isFirst = false;
    }
  } catch (error) {
    if (isFirst || !(error instanceof StoreUnavailable)) throw error;
    yield writeLine(UNAVAILABLE);
  } finally {
    await lines.return("stopped");
  }
}

function writeLine(line: CustomerDifference | RecountProgress | RecountCounts | Refusal): string {
  return `${"kind" in line ? writeProblem(line) : JSON.stringify(line)}\n`;
}

const UNAVAILABLE = refusal("unavailable", "The database is unavailable. The customers that follow are not counted.");
const STOPPED = refusal("unavailable", "This server is stopping. The customers that follow are not counted.");

const recountSchema: Route["schema"] = {
  summary: "Count every customer's orders and total anew",
  description:
    "From the items, exactly, while orders come in: a line for each customer whose count or total is another, and where `repair` says so it is set right (and written into the audit). A line with `progress` comes every few seconds; the last line has the counts; where it is a problem document instead, not all were counted. Orders of the replaced system have no items, and count by their totals. One at a time in a process.",
  tags: ["Operations"],
  querystring: Type.Object({ repair: Type.Optional(Type.Boolean({ default: false })) }),
  response: {
    200: {
      description: "A line for each difference, by customer id, then the counts.",
      content: {
        "application/x-ndjson": {
          schema: {
            anyOf: [CustomerDifference, RecountProgress, RecountCounts, Problem],
          },
        },
      },
    },
    ...problemAnswers(400, 401, 403, 429, 503),
  },
};
