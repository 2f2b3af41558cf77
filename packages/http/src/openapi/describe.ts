import { OrderInput, Problem, problems, rejectionStatuses } from "@pedidos/contract";
import { limits, reasons } from "@pedidos/domain";
import * as Type from "typebox";
import { ARRAY_LIMITS } from "../orders/batch/read-many.ts";
import type { Answer, JsonAnswer } from "../route.ts";

/** A JSON answer of a schema. */
export function json<Schema extends Type.TSchema>(description: string, schema: Schema): JsonAnswer<Schema> {
  return { description, content: { "application/json": { schema } } };
}

const PROBLEM_STATUSES: readonly number[] = [...new Set(Object.values(problems).map(([status]) => status))];

/** Problem documents for these statuses; each says what kinds of problems have it. */
export function problemAnswers(...statuses: number[]): Record<number, Answer> {
  return Object.fromEntries(
    PROBLEM_STATUSES.filter((status) => statuses.includes(status)).map((status) => [
      status,
      {
        description: titlesOf(status),
        content: { "application/problem+json": { schema: Problem } },
      },
    ]),
  );
}

export function titlesOf(status: number): string {
  const titles = Object.values(problems).flatMap(([of, title]) => (of === status ? [title] : []));
  return `${titles.join("; ")}.`;
}

export const idParameter = (name: string) =>
  Type.Object({ [name]: Type.Integer({ minimum: 1, maximum: limits.id, examples: [1001] }) });

export const pageParameters: Record<string, Type.TSchema> = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ description: "The nextCursor of the page before, as it was given." })),
};

export const changeCursor = Type.Optional(
  Type.String({ description: "Where to go on: a nextCursor, an event's id, or `now`.", examples: ["now"] }),
);

export const periodParameters: Record<string, Type.TSchema> = {
  from: Type.Optional(Type.String({ format: "date-time", description: "Recorded at this time or later." })),
  to: Type.Optional(Type.String({ format: "date-time", description: "Recorded before this time." })),
};

export const rejectionParameters: Record<string, Type.TSchema> = {
  reason: Type.Optional(Type.Union(reasons.map((reason) => Type.Literal(reason)))),
  status: Type.Optional(Type.Union(rejectionStatuses.map((status) => Type.Literal(status)))),
  orderId: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.id })),
};

/** Bodies of many orders, in either form. */
export const manyOrders = {
  content: {
    "application/x-ndjson": { schema: { type: "string", description: "One order a line; blank lines are skipped." } },
    "application/json": { schema: { type: "array", maxItems: ARRAY_LIMITS.orders, items: OrderInput } },
  },
};
