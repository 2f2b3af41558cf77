import { DatabaseError } from "pg";

/**
 * Whether a row was to go in whose key is there already; of an order that is mostly its id. The constraint's name says
 * nothing: each partition of a table has one of its own.
 */
export function isKeyTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "23505";
}

/** Whether a division by zero made the statement fail, as insertOrders does where a spool row is gone. */
export function isSpoolRowGone(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "22012";
}
