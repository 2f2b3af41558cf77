import { dialectOf, findOrderId, readOrder } from "@pedidos/domain";
import type { Submission } from "@pedidos/persistence";
import type { Line } from "./line.ts";

/** Reads a line by the words of its source: an order, or a rejection with its faults. */
export function toSubmission({ source, body, spoolId }: Line): Submission {
  const held = { source, body, ...(spoolId === undefined ? {} : { spoolId }) };
  return { ...held, ...readOrder(body, dialectOf(source)) };
}

/** A line that has ended the process too often: a rejection by its bytes alone, which no parser sees again. */
export function toPoison({ source, body, spoolId }: Line): Submission {
  return {
    kind: "rejected",
    reason: "poison",
    orderId: findOrderId(body, dialectOf(source)),
    faults: [
      { pointer: "", detail: "the process or the database ended each time this was tried; it is not tried again" },
    ],
    source,
    body,
    ...(spoolId === undefined ? {} : { spoolId }),
  };
}
