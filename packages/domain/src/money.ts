/** Money is counted in units of 1/10000: the 4 decimals that a price may have. What is stored and hashed counts them too. */
export const UNITS = 10_000;
const CENT = 100n;
const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]{1,4})0*)?$/;

/**
 * Writes an amount as the contract does, with at least 2 and at most 4 decimals: 1200000 → "120.00", 10050 → "1.005".
 *
 * @param units an integer of 1/10000; a number must be a safe integer.
 */
export function formatUnits(units: bigint | number): string {
  const isNegative = units < 0;
  const digits = String(isNegative ? -units : units).padStart(5, "0");
  const whole = digits.slice(0, -4);
  const cents = digits.slice(-4, -2);
  const rest = digits.slice(-2);
  const decimals = rest === "00" ? cents : rest.endsWith("0") ? `${cents}${rest.charAt(0)}` : `${cents}${rest}`;
  return `${isNegative ? "-" : ""}${whole}.${decimals}`;
}

/**
 * Reads a decimal text, such as PostgreSQL's `numeric`: "120.0000" → 1200000n.
 *
 * @throws RangeError if the text is no decimal number, or has more than 4 decimals that are not 0.
 */
export function unitsOfDecimal(text: string): bigint {
  const match = DECIMAL.exec(text);
  if (match === null) throw new RangeError("not a decimal number with at most 4 decimals");
  const [, sign, whole = "", decimals = ""] = match;
  const units = BigInt(whole) * BigInt(UNITS) + BigInt(decimals.padEnd(4, "0"));
  return sign === "-" ? -units : units;
}

/** Writes a `numeric` of PostgreSQL as the contract does: "120.0000" → "120.00". Throws as {@link unitsOfDecimal}. */
export function formatDecimal(text: string): string {
  return formatUnits(unitsOfDecimal(text));
}

/** Rounds to the cent, half a cent up (towards positive infinity): how the replaced system's totals are compared. */
export function roundUnitsToCent(units: bigint): bigint {
  const raised = units + CENT / 2n;
  const beyond = ((raised % CENT) + CENT) % CENT;
  return raised - beyond;
}
