import { MOST_COUNTED, RejectionCounts, rejectionStatuses } from "@pedidos/contract";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { choice, type Parameter } from "../server/read-parameters.ts";
import { REJECTION_FILTER } from "./rejection-filter.ts";

const [EARLIEST, LATEST] = [-12 * 60, 14 * 60];

const UTC_OFFSET: Parameter<number> = {
  schema: { type: "integer", minimum: EARLIEST, maximum: LATEST, default: 0 },
  description: "In minutes: the days are those of this offset from UTC.",
  expected: `an integer from ${EARLIEST} to ${LATEST}`,
  parse(text) {
    const minutes = /^(0|-?[1-9][0-9]{0,2})$/.test(text) ? Number(text) : Number.NaN;
    return minutes >= EARLIEST && minutes <= LATEST ? minutes : undefined;
  },
};

/** `GET /v1/rejections/counts`: how many a filter finds, by reason, source and day. */
export function countRejections(store: Pick<Store, "countRejections">) {
  return route("GET", "/v1/rejections/counts", {
    scope: "rejections:manage",
    query: {
      status: choice(rejectionStatuses, "Only those of this status."),
      ...REJECTION_FILTER,
      utcOffset: UTC_OFFSET,
    },
    operationId: "countRejections",
    summary: "Count rejections",
    description: `By the filter of the list. The newest ${MOST_COUNTED} are counted.`,
    tags: ["Rejections"],
    response: { 200: json("How many there are.", RejectionCounts) },
    refusals: [503],
    async handle(_request, reply, answerJson, { utcOffset = 0, ...filter }) {
      const counts = await store.countRejections({ ...filter, utcOffset });
      return answerJson(reply.header("cache-control", "no-store"), 200, counts);
    },
  });
}
