const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Reads an RFC 3339 date-time.
 *
 * Digits of the second beyond microseconds, which is what the database keeps, are cut. Second 60 is taken where a leap
 * second can be, at 23:59:60 UTC on the last day of a month, and is the instant after it, as in PostgreSQL.
 *
 * @returns the instant in UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z` without trailing zeros, one text an instant; null for any
 * other text, and for instants outside the years 0001 to 9999 in UTC.
 */
export function readInstant(text: string): string | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, years = "", months = "", days = "", hours = "", minutes = "", seconds = "", digits = ""] = match;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return null;
  const [, , , , , , , , sign = "+", offsetHours = "00", offsetMinutes = "00"] = match;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;

  const kept = digits.slice(0, 6).replace(/0+$/, "");
  const fraction = kept === "" ? "" : `.${kept}`;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === "-" ? -1 : 1);
  const isLeapSecond = seconds === "60";
  if (offset === 0 && !isLeapSecond && year >= 1) {
    return `${years}-${months}-${days}T${hours}:${minutes}:${seconds}${fraction}Z`;
  }

  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(Number(hours), Number(minutes) - offset, isLeapSecond ? 59 : Number(seconds));
  if (isLeapSecond) {
    instant.setTime(instant.getTime() + 1_000);
    if (instant.getUTCDate() !== 1 || instant.getUTCHours() !== 0 || instant.getUTCMinutes() !== 0) return null;
  }
  const utcYear = instant.getUTCFullYear();
  return utcYear >= 1 && utcYear <= 9999 ? `${instant.toISOString().slice(0, 19)}${fraction}Z` : null;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
