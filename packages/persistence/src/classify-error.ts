import { DatabaseError } from "pg";

/**
 * Whether a row was to go in whose key is there already; of an order that is mostly its id. The constraint's name says
 * nothing: each partition of a table has one of its own.
 */
export function isKeyTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "23505";
}

/** Whether a row was to go in without a time of recording, which insertOrders leaves out to make a statement fail. */
export function isWithoutTime(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "23502" && error.column === "recorded_at";
}
