/** `2026-11-24 12:00:00.25-03:06:28 BC`: what comes before the offset, the fraction, the offset, the era. */
const TIMESTAMP =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/**
 * Reads PostgreSQL's text of a `timestamptz` (DateStyle ISO), in any time zone of the session.
 *
 * @returns RFC 3339 in UTC, `2026-11-24T12:00:00.25Z`, its fraction as it stands; years that RFC 3339 does not know with a
 *   sign and six digits. `infinity`, `-infinity`, and what JavaScript's Date can't hold, stay as they are.
 */
export function readTimestamp(text: string): string {
  if (text.endsWith("+00") && text.charAt(4) === "-") return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return text;
  const [, year, month, day, hours, minutes, seconds, fraction, sign, ...offset] = parts;
  const [offsetHours, offsetMinutes, offsetSeconds, era] = offset;
  const ahead = Number(offsetHours) * 3_600 + Number(offsetMinutes ?? 0) * 60 + Number(offsetSeconds ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(era === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hours), Number(minutes), Number(seconds) - (sign === "+" ? ahead : -ahead));
  if (Number.isNaN(date.getTime())) return text;
  return date.toISOString().replace(/\.000Z$/, fraction === undefined ? "Z" : `.${fraction}Z`);
}
