import { exitCodes, Failure } from "../failure.ts";
import { localeOf } from "./locale.ts";
import type { Row } from "./read-rows.ts";

/** More decimals than a point of thousands has behind it, or fewer: `1.50`, not `1.500`. */
const OURS = /^\d+\.(\d{1,2}|\d{4,})$/;
const brazilian = localeOf("pt-BR");

/**
 * Finds out whether a file that is read in our own form is written in the Brazilian one: it has decimal commas, or days before
 * months, and nowhere a decimal point. Read as ours, `1.000` would be another amount.
 */
export function openBrazilianCheck(name: string) {
  let [sign, hasPoint]: [{ readonly line: number; readonly text: string } | undefined, boolean] = [undefined, false];
  return {
    add(rows: readonly Row[]): void {
      for (const row of rows) {
        if (row.kind === "faulty" || (sign !== undefined && hasPoint)) continue;
        const { unitPrice = "", quantity = "", placedAt = "" } = row.cells;
        if (OURS.test(unitPrice)) hasPoint = true;
        const text =
          [unitPrice, quantity].find((one) => one.includes(",") && brazilian.readNumber(one) !== null) ??
          (placedAt.includes("/") && brazilian.readInstant(placedAt) !== null ? placedAt : undefined);
        if (text !== undefined) sign ??= { line: row.line, text };
      }
    },
    /** @throws {Failure} if what was added looks Brazilian; it asks for the option */
    finish(): void {
      if (sign === undefined || hasPoint) return;
      const { line, text } = sign;
      throw new Failure(
        exitCodes.noInput,
        `${name}: line ${line} has "${text.slice(0, 40)}", as Brazilian files write it. --locale pt-BR reads 1.234,56 and 24/11/2026; without it, numbers are like 1234.56 and dates like 2026-11-24T12:00:00Z.`,
      );
    },
  };
}
