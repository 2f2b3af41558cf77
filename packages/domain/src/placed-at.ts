/** The form alone. Up to the second every part stands at a fixed place, so nothing is captured: this runs on every order. */
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

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
  if (!RFC_3339.test(text)) return null;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const isUtc = text.endsWith("Z") || text.endsWith("z");
  const offset = isUtc ? 0 : offsetMinutes(text.slice(-6));
  if (offset === null) return null;

  const fraction = fractionOf(text);
  if (offset === 0 && second < 60 && year >= 1) return `${text.slice(0, 10)}T${text.slice(11, 19)}${fraction}Z`;
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(hour, minute - offset, second);
  if (second === 60 && !isMonthStart(instant)) return null;
  const utcYear = instant.getUTCFullYear();
  return utcYear >= 1 && utcYear <= 9999 ? `${instant.toISOString().slice(0, 19)}${fraction}Z` : null;
}

/** The number that two digits of a text are. */
function twoDigits(text: string, place: number): number {
  return (text.charCodeAt(place) - 48) * 10 + text.charCodeAt(place + 1) - 48;
}

/** `+05:30` → 330; null if there is no such offset. */
function offsetMinutes(offset: string): number | null {
  const hours = twoDigits(offset, 1);
  const minutes = twoDigits(offset, 4);
  if (hours > 23 || minutes > 59) return null;
  return (hours * 60 + minutes) * (offset.startsWith("-") ? -1 : 1);
}

/** The fraction of the second with its point, to microseconds, without trailing zeros; empty if that leaves none. */
function fractionOf(text: string): string {
  if (text.charAt(19) !== ".") return "";
  const digits = /^\d+/.exec(text.slice(20, 26))?.[0].replace(/0+$/, "") ?? "";
  return digits === "" ? "" : `.${digits}`;
}

/** Whether a month begins at this instant, which is the one after a leap second. */
function isMonthStart(instant: Date): boolean {
  return instant.getUTCDate() === 1 && instant.getUTCHours() === 0 && instant.getUTCMinutes() === 0;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
