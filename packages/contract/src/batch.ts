import { reasons } from "@pedidos/domain";
import * as Type from "typebox";
import { count, id, oneOf, rejectionId, type Static } from "./fields.ts";
import { Fault } from "./problem.ts";

const members = {
  accepted: Type.Integer({ description: "Orders made durable." }),
  rejected: Type.Integer({ description: "Bad lines, listed or not." }),
  errors: Type.Array(
    Type.Object({
      line: Type.Integer({ minimum: 1 }),
      orderId: Type.Optional(id("Where it could be read.")),
      errors: Type.Array(Fault),
    }),
    { maxItems: 1_000, description: "At most 1000 lines and 1 MiB." },
  ),
};

export const BatchResult = Type.Object(members, {
  $id: "BatchResult",
  examples: [{ accepted: 2, rejected: 1, errors: [{ line: 2, errors: [{ pointer: "", detail: "is not JSON" }] }] }],
});
export type BatchResult = Static<typeof BatchResult>;

export const BatchProblem = Type.Object(
  { type: Type.String(), title: Type.String(), status: Type.Integer(), detail: Type.String(), ...members },
  {
    $id: "BatchProblem",
    description: "What was done before it ended early. Sending the whole again is safe.",
    examples: [
      {
        type: "urn:pedidos:problem:unavailable",
        title: "Not available right now",
        status: 503,
        detail: "Nothing durable could be reached.",
        accepted: 640,
        rejected: 0,
        errors: [],
      },
    ],
  },
);
export type BatchProblem = Static<typeof BatchProblem>;

const line = Type.Integer({ minimum: 1, description: "Counted from 1, blank lines too; of an array, its element." });

/** An order of many that is not recorded as it was sent. */
export const Difference = Type.Union(
  [
    Type.Object({ line, orderId: id("As it was sent."), verdict: oneOf(["missing", "different"]) }),
    Type.Object({
      line,
      orderId: id("As it was sent."),
      verdict: Type.Literal("rejected"),
      rejectionId,
      reason: oneOf(reasons),
    }),
    Type.Object({
      line,
      orderId: Type.Optional(id("Where it could be read.")),
      verdict: Type.Literal("invalid"),
      errors: Type.Array(Fault, { maxItems: 100 }),
    }),
  ],
  {
    $id: "Difference",
    description:
      "`missing`: nothing is recorded under this id; `different`: another order is; `rejected`: nothing is, and the newest submission of it that was not replayed is this rejection; `invalid`: the line is no order.",
    examples: [{ line: 2, orderId: 1002, verdict: "missing" }],
  },
);
export type Difference = Static<typeof Difference>;

/** Blank lines are not counted. */
export const ReconcileCounts = Type.Object(
  { lines: count, recorded: count, missing: count, different: count, rejected: count, invalid: count },
  {
    $id: "ReconcileCounts",
    description: "All lines were compared.",
    examples: [{ lines: 1400, recorded: 1398, missing: 1, different: 1, rejected: 0, invalid: 0 }],
  },
);
export type ReconcileCounts = Static<typeof ReconcileCounts>;
