import { DatabaseError } from "pg";

/** A connection ended, or gave no answer in time, while a statement was under way: what became of that is not known. */
export class LostConnection extends Error {
  override readonly name = "LostConnection";
}

/** The database can't be used now, and nothing was tried. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}

/**
 * What an error of the database means for the work that it ended. The kind decides everything:
 * - `order`: our own schema refuses the content of an order; bisection finds it, and it becomes a rejection;
 * - `again`: nothing is wrong, the same may succeed at once;
 * - `back_off`: the database answered that it did not do it; no order is at fault and no try counts;
 * - `connection_lost`: no answer; the work may have ended the connection;
 * - `bug`: not an error of the database.
 */
export type FailureKind = "order" | "again" | "back_off" | "connection_lost" | "bug";

export type Failure = {
  readonly kind: FailureKind;
  /** The SQLSTATE, or the name of the error. Never holds any of an order's content. */
  readonly code: string;
  /** Whether the database answers it for some orders and not for others, such as a lock on one customer's row. */
  readonly isPerOrder: boolean;
};

/** Errors that the content of an order can cause in our own schema: by SQLSTATE and, of class 23, by constraint. */
const ORDER_FAULTS = new Map<string, readonly string[] | "any">([
  ["22003", "any"], // numeric value out of range
  ["22008", "any"], // datetime field overflow
  ["22021", "any"], // character not in repertoire
  ["22P02", "any"], // invalid text representation, such as of JSON
  ["22P05", "any"], // untranslatable character
  ["23514", ["orders_order_id_check", "orders_customer_id_check"]],
]);

/** Lock not available, a statement that took too long, a constraint, a condition that a trigger raised. */
const SELECTIVE = /^(55P03|57014|23...|22...|P0...)$/;

/** → what an error means. The one table of it. */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof DatabaseError) {
    const code = error.code ?? "unknown";
    return { kind: kindOf(error, code), code, isPerOrder: SELECTIVE.test(code) || isRaisedInFunction(error) };
  }
  const code = error instanceof Error ? error.name : typeof error;
  if (error instanceof LostConnection) return { kind: "connection_lost", code, isPerOrder: false };
  return { kind: error instanceof DatabaseUnavailable ? "back_off" : "bug", code, isPerOrder: false };
}

function kindOf(error: DatabaseError, code: string): FailureKind {
  // A pooler answers with class 08 when it has lost the connection to the database.
  if (code.startsWith("08")) return "connection_lost";
  // Serialization failure, deadlock.
  if (code === "40001" || code === "40P01") return "again";
  const constraints = isRaisedInFunction(error) ? undefined : ORDER_FAULTS.get(code);
  if (constraints === "any" || constraints?.includes(error.constraint ?? "")) return "order";
  return "back_off";
}

/** Our schema has no functions that write: this error comes from a trigger that somebody added. */
function isRaisedInFunction({ where }: DatabaseError): boolean {
  return where !== undefined && /\bfunction\b/.test(where);
}

/** SQLSTATE classes of a statement and its data, not of the database's state. */
const STATEMENT_CLASSES = new Set(["21", "22", "23", "54", "P0"]);

/** Whether the same can succeed later: the database is away, full, locked, not migrated or too slow. */
export function isOutage(error: unknown): boolean {
  const { kind, code } = classifyFailure(error);
  return kind !== "bug" && !STATEMENT_CLASSES.has(code.slice(0, 2));
}
