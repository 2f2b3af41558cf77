import { exitCodes, Failure } from "../failure.ts";
import { localeOf } from "./locale.ts";
import type { Row } from "./read-rows.ts";

/** More decimals than a point of thousands has behind it, or fewer: `1.50`, not `1.500`. */
const OURS = /^\d+\.(\d{1,2}|\d{4,})$/;
const brazilian = localeOf("pt-BR");

/**
 * Finds out whether a file that is read in our own form is written in the Brazilian one: it has decimal commas and nowhere a
 * decimal point. Read as ours, `1.000` would be another amount.
 */
export function openBrazilianCheck(name: string) {
  let [comma, hasPoint]: [{ readonly line: number; readonly text: string } | undefined, boolean] = [undefined, false];
  return {
    add(rows: readonly Row[]): void {
      for (const row of rows) {
        if (row.kind === "faulty" || (comma !== undefined && hasPoint)) continue;
        for (const text of [row.cells.unitPrice ?? "", row.cells.quantity ?? ""]) {
          if (OURS.test(text)) hasPoint = true;
          else if (text.includes(",") && brazilian.readNumber(text) !== null) comma ??= { line: row.line, text };
        }
      }
    },
    /** @throws {Failure} if what was added looks Brazilian; it asks for the option */
    finish(): void {
      if (comma === undefined || hasPoint) return;
      const { line, text } = comma;
      throw new Failure(
        exitCodes.noInput,
        `${name}: line ${line} has "${text.slice(0, 40)}" with a comma, as Brazilian files have. --locale pt-BR reads 1.234,56 and 24/11/2026; without it, write a point before the decimals and none for thousands.`,
      );
    },
  };
}
