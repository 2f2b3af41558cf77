import { DatabaseError } from "pg";

/**
 * SQLSTATE classes that speak of the data of a statement: data exception, integrity constraint, program limit exceeded,
 * and what a trigger raises. Only for these does it make sense to try the parts of a batch one by one.
 */
const DATA_CLASSES = new Set(["22", "23", "54", "P0"]);

/** Whether the database refused what it was given, rather than being away, full, locked or not yet migrated. */
export function isDataError(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code !== undefined && DATA_CLASSES.has(error.code.slice(0, 2));
}

/** Whether trying the same again later can succeed: everything that is not a fault of the data. */
export function isOutage(error: unknown): boolean {
  return !isDataError(error);
}

/** Whether an order's id is another order's already. */
export function isIdTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "23505" && error.constraint === "orders_pkey";
}

/** Whether a row was to go in without a time of recording, which insertOrders leaves out to make a statement fail. */
export function isWithoutTime(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "23502" && error.column === "recorded_at";
}
