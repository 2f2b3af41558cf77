import * as Type from "typebox";
import { id, type Static } from "./fields.ts";

/**
 * Every kind of error that the API answers with: a stable name, from which the problem's `type` is made, its status and
 * title. Reasons of the domain keep their names.
 */
export const problems = {
  invalid_request: [400, "The request is not valid HTTP"],
  invalid_parameter: [400, "A parameter is not valid"],
  damaged_body: [400, "The body is damaged"],
  invalid_json: [400, "The body is not JSON"],
  invalid_order: [400, "The order is not valid"],
  unauthorized: [401, "A bearer key is needed"],
  forbidden: [403, "The key does not allow this"],
  cross_site: [403, "Another site may not do this"],
  not_found: [404, "Not found"],
  no_broker: [404, "There is no broker here"],
  method_not_allowed: [405, "The method is not allowed here"],
  not_acceptable: [406, "No acceptable form"],
  request_timeout: [408, "The request took too long to arrive"],
  order_conflict: [409, "Another order has this id"],
  rejection_closed: [409, "The rejection is closed"],
  too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The body's type is not supported"],
  expectation_failed: [417, "The expectation cannot be met"],
  misdirected: [421, "This host is not served here"],
  too_many_requests: [429, "Too much at once"],
  headers_too_large: [431, "The headers are too large"],
  internal_error: [500, "An error of this server"],
  unavailable: [503, "Not available right now"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemKind = keyof typeof problems;
export const problemKinds = Object.keys(problems).filter((kind): kind is ProblemKind => kind in problems);

export function problemType(kind: ProblemKind): string {
  return `urn:pedidos:problem:${kind}`;
}

export const Fault = Type.Object(
  {
    pointer: Type.String({ description: "A JSON Pointer (RFC 6901) to what is wrong, in the sender's own words." }),
    detail: Type.String(),
  },
  {
    $id: "Fault",
    examples: [{ pointer: "/items/0/quantity", detail: "is 0; must be an integer from 1 to 1000000000" }],
  },
);
export type Fault = Static<typeof Fault>;

export const Problem = Type.Object(
  {
    type: Type.String({ format: "uri", description: "Stable; one for each kind of problem." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(Fault, { maxItems: 100, description: "The faults of an order." })),
    orderId: Type.Optional(id("The id that another order has.")),
  },
  {
    $id: "Problem",
    description: "RFC 9457",
    examples: [
      {
        type: "urn:pedidos:problem:invalid_order",
        title: "The order is not valid",
        status: 400,
        detail: "The order has a fault.",
        errors: [{ pointer: "/items/0/quantity", detail: "is 0; must be an integer from 1 to 1000000000" }],
      },
    ],
  },
);
export type Problem = Static<typeof Problem>;
