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

/**
 * Whether a key is taken that must be the only one; by its SQLSTATE alone, as the constraint is called by each partition's
 * own name where `orders` is partitioned.
 */
export function isKeyTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "23505";
}

/** Whether a division by zero made the statement fail, as insertOrders does where a spool row is gone. */
export function isSpoolRowGone(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "22012";
}
