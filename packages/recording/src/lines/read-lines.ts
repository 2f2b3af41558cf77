import type { Delivery } from "@pedidos/broker";
import type { Line, Lines } from "./line.ts";

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;

/**
 * The lines of a delivery: of `application/x-ndjson` each line that is not blank, of anything else the whole body. The
 * delivery is acknowledged when the last of them is settled.
 */
export function readLines(delivery: Delivery): Lines {
  const { source, acknowledge, acceptedAt, traceparents } = delivery;
  const tries = delivery.redelivered ? 1 : 0;
  let open = 0;
  let taken = 0;
  let exhausted = false;
  const settle = () => {
    open--;
    if (exhausted && open === 0) acknowledge();
  };
  const bodies = isNdjson(delivery.contentType) ? linesOf(delivery.body) : [delivery.body].values();
  return {
    next(): IteratorResult<Line, undefined> {
      const { value: body } = bodies.next();
      if (body !== undefined) {
        open++;
        const line = { source, body, tries, settle, ...(acceptedAt !== undefined && { acceptedAt }) };
        if (traceparents === undefined) return { done: false, value: line };
        const traceparent = typeof traceparents === "string" ? traceparents : traceparents[taken++];
        return { done: false, value: { ...line, traceparent } };
      }
      if (!exhausted && open === 0) acknowledge();
      exhausted = true;
      return { done: true, value: undefined };
    },
  };
}

function isNdjson(contentType: string | undefined): boolean {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/x-ndjson";
}

/** Lines without their ends, LF or CRLF; those of white space alone are skipped. */
function* linesOf(body: Buffer): Generator<Buffer, undefined> {
  for (let start = 0; start < body.length; ) {
    const feed = body.indexOf(LF, start);
    const stop = feed === -1 ? body.length : feed;
    const end = feed > start && body[feed - 1] === CR ? feed - 1 : stop;
    if (!isBlank(body, start, end)) yield body.subarray(start, end);
    start = stop + 1;
  }
}

function isBlank(body: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = body[i];
    if (byte !== SPACE && byte !== TAB && byte !== CR) return false;
  }
  return true;
}
