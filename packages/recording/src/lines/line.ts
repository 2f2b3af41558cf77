import type { IncomingOrder } from "@pedidos/domain";

/** One order that is to be recorded: a message, a line of one, or a spool row. */
export type Line = Omit<IncomingOrder, "awaited"> & {
  readonly body: Buffer;
  /** The spool row that holds it; undefined for what the broker still holds. */
  readonly spoolId?: number;
  /** Tries that count already, should it move to the spool. */
  readonly tries: number;
  /** When it became durable, in milliseconds since 1970, if that is known. */
  readonly acceptedAt?: number;
  /** Called once when it is recorded, rejected, or safe in the spool. */
  readonly settle: () => void;
};

/** Lines that arrived together, made one by one as they are asked for: a message may hold half a million. */
export type Lines = Iterator<Line, undefined>;
