import { fill, MEBIBYTE } from "./hostile-bodies.ts";
import type { HostileRequest } from "./hostile-requests.ts";

/** Far more than a body may have, made as it is sent; and the status of its answer. */
export type HugeRequest = Omit<HostileRequest, "pieces"> & {
  readonly name: string;
  readonly pieces: () => Iterable<Buffer>;
  readonly status: number;
};

type Door = readonly [path: string, type: string, framing: "length" | "chunked"];
/** A part of a body, and how often it is sent. */
type Part = readonly [make: () => Buffer, times: number];

function huge(name: string, status: number, [path, type, framing]: Door, ...parts: readonly Part[]): HugeRequest {
  function* pieces(): Generator<Buffer> {
    const made = parts.map(([make, times]) => [make(), times] as const);
    const length = made.reduce((sum, [part, times]) => sum + part.length * times, 0);
    const framed = framing === "length" ? `Content-Length: ${length}` : "Transfer-Encoding: chunked";
    yield Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\n${framed}\r\n\r\n`,
    );
    for (const [part, times] of made)
      for (let sent = 0; sent < times; sent++) {
        if (framing === "chunked") yield Buffer.from(`${part.length.toString(16)}\r\n`);
        yield part;
        if (framing === "chunked") yield Buffer.from("\r\n");
      }
    if (framing === "chunked") yield Buffer.from("0\r\n\r\n");
  }
  return { name, status, pieces, words: path === "/pedido" ? "replaced" : "v1", isHead: false, isWhole: true };
}

const order = (framing: Door[2]): Door => ["/v1/orders", "application/json", framing];
const pedido: Door = ["/pedido", "application/json", "chunked"];
const lines = (framing: Door[2]): Door => ["/v1/orders/batch", "application/x-ndjson", framing];
const array = (framing: Door[2]): Door => ["/v1/orders/batch", "application/json", framing];

const text = (written: string, times = 1): Part => [() => Buffer.from(written), times];
const mebibytes = (name: string, times: number): Part => [() => fill(name, MEBIBYTE), times];
/** A line of 1 kB that is no order. */
const badLine = `{"orderId":"${"x".repeat(1_000)}"}\n`;
const badElement = `{${Array.from({ length: 200 }, (_, n) => `"k${n}":null`).join()}}`;
const endless: Part = [() => Buffer.alloc(MEBIBYTE, "x"), 100];
const faulty: Part = [() => Buffer.concat([fill("unknown keys", MEBIBYTE - 1), Buffer.from("\n")]), 8];

export const HUGE_REQUESTS: readonly HugeRequest[] = [
  huge("an order of 100 MB", 413, order("length"), mebibytes("unknown keys", 100)),
  huge("an order of 100 MB in chunks", 413, order("chunked"), mebibytes("unknown keys", 100)),
  huge("a pedido of 100 MB", 413, pedido, mebibytes("open brackets", 100)),
  huge("an array of 100 MB", 413, array("length"), mebibytes("one long text", 100)),
  huge("an array of 100 MB in chunks", 413, array("chunked"), text("["), mebibytes("empty items", 100)),
  huge(
    ...(["an array of one element of 31 MiB", 200, array("length")] as const),
    ...[text('[{"a":"'), mebibytes("white space", 31), text('"}]')],
  ),
  huge(
    ...(["an array of one element of 31 MiB of keys", 200, array("length")] as const),
    ...[text('[{"a":0'), text(',"k":null'.repeat(100_000), 31), text("}]")],
  ),
  huge("an array of 31 MiB of open brackets", 400, array("chunked"), mebibytes("open brackets", 31)),
  huge(
    ...(["an array of 9000 elements of faults", 200, array("length")] as const),
    ...[text("[0"), text(`,${badElement}`, 9_000), text("]")],
  ),
  huge(
    ...(["an array of millions of numbers", 413, array("length")] as const),
    ...[text("[0"), text(",0".repeat(500_000), 30), text("]")],
  ),
  huge("lines of 100 MB without an end", 200, lines("chunked"), endless),
  huge("50 MB of blank lines", 200, lines("length"), mebibytes("line feeds", 50)),
  huge("100 MB of bad lines", 200, lines("chunked"), text(badLine.repeat(1_000), 100)),
  huge("1 MiB of the shortest bad lines", 200, lines("chunked"), mebibytes("short bad lines", 1)),
  huge("lines of 1 MiB of faults", 200, lines("chunked"), faulty),
];
