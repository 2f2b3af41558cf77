import type { Query } from "../api/client.ts";

/** Which rejections are shown. It stands in the address, so that it survives a reload and can be sent to somebody. */
export type RejectionFilter = {
  readonly reason: string;
  /** "" is any. */
  readonly status: string;
  readonly source: string;
  readonly orderId: string;
  /** By the reader's clock, as in `2026-11-24`. */
  readonly day: string;
};

const NONE: RejectionFilter = { reason: "", status: "open", source: "", orderId: "", day: "" };
const DAY_MS = 24 * 60 * 60 * 1_000;

export function filterOf(query: URLSearchParams): RejectionFilter {
  const filter = { ...NONE };
  for (const name of ["reason", "status", "source", "orderId", "day"] as const)
    filter[name] = query.get(name) ?? NONE[name];
  return { ...filter, day: Number.isNaN(Date.parse(`${filter.day}T00:00Z`)) ? "" : filter.day };
}

/** → the address of the rejections of a filter, or of one of them beside the others. */
export function addressOf(filter: RejectionFilter, rejectionId?: number): string {
  const given = Object.entries(filter).filter(([name, value]) => (name === "status" ? value !== "open" : value !== ""));
  const path = rejectionId === undefined ? "#/rejections" : `#/rejections/${rejectionId}`;
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** How far the reader's clock is from UTC, in minutes. */
export function utcOffset(): number {
  return -new Date().getTimezoneOffset();
}

/** → the filter as the API's parameters. */
export function queryOf({ day, ...filter }: RejectionFilter, offsetMinutes = utcOffset()): Query {
  if (day === "") return filter;
  const from = Date.parse(`${day}T00:00Z`) - offsetMinutes * 60_000;
  return { ...filter, from: new Date(from).toISOString(), to: new Date(from + DAY_MS).toISOString() };
}
