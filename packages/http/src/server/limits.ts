import type { Limit } from "./open-quota.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** A larger body counts as large: it takes of the memory that all large things share, and is parsed in turn. */
export const LIGHT_BYTES = 64 * KIBIBYTE;

/**
 * What requests take besides their bytes: sockets, streams, parsers. Bytes alone would let any number of bodies wait of
 * which hardly anything has arrived.
 */
export const REQUEST_BYTES = 16 * KIBIBYTE;

/**
 * In bytes. Everything large takes of one memory, so that its sum is known: with the 130 MiB of a process that has nothing
 * to do it leaves 200 of the 512 MiB that compose.yaml gives the API for what is not counted: what parsers make, and garbage.
 */
const MEMORY = {
  /** Bodies over 64 KiB, arrays, answers that are not read yet, and what places hold. A caller may send one array of 32 MiB. */
  memory: { inAll: 144 * MEBIBYTE, each: 36 * MEBIBYTE },
  /** Bodies up to 64 KiB, while they arrive in pieces. Nothing large takes of it; an order in one piece needs none of it. */
  smallBodies: { inAll: 32 * MEBIBYTE, each: 8 * MEBIBYTE },
} satisfies Record<string, Limit>;

/** `bytes` is what a place takes of the memory; `what` names the requests in the plural, for the refusal. */
export type PlaceLimit = Limit & { readonly bytes: number; readonly what: string };

/** How many requests of a kind are answered at once. Kinds of different scopes have places of their own. */
export const PLACES = {
  /** A batch holds a line, a list of faults, and messages in flight. */
  batches: { inAll: 64, each: 16, bytes: 2 * MEBIBYTE, what: "batches" },
  /** A batch or reconciliation whose body is light, as from shops that send a few orders at a time; many come at once. */
  lightBatches: { inAll: 512, each: 128, bytes: 256 * KIBIBYTE, what: "small batches" },
  /** A reconciliation holds two parts that are being compared. */
  reconciliations: { inAll: 64, each: 16, bytes: 2 * MEBIBYTE, what: "reconciliations" },
  /** An export holds a page of 1000 orders, as rows and as text. */
  exports: { inAll: 64, each: 16, bytes: MEBIBYTE, what: "exports" },
  /** A stream holds a page of changes; of the newest ones all streams share one copy. */
  streams: { inAll: 500, each: 125, bytes: 128 * KIBIBYTE, what: "streams of events" },
  /** One inspection runs at a time; the others wait for it, each for seconds at most. */
  inspections: { inAll: 8, each: 2, bytes: 0, what: "inspections of the dead letters" },
  /** It reads all there is. */
  recounts: { inAll: 1, each: 1, bytes: 0, what: "recounts" },
  /** A wait holds little; beyond the limit an order is answered 202 at once, and never refused. */
  waits: { inAll: 20_000, each: 5_000, bytes: 0, what: "waits" },
} satisfies Record<string, PlaceLimit>;

export type PlaceKind = keyof typeof PLACES;

/** By its name. A caller has a quarter of each at most, so that several always fit. */
export const LIMITS = { ...MEMORY, ...PLACES } satisfies Record<string, Limit>;
export type LimitName = keyof typeof LIMITS;
