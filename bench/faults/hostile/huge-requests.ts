import { fill, MEBIBYTE } from "./hostile-bodies.ts";
import type { HostileRequest } from "./hostile-requests.ts";

/** Far more than a body may have, made as it is sent; and the statuses that may be its answer. */
export type HugeRequest = Omit<HostileRequest, "pieces"> & {
  readonly name: string;
  readonly pieces: () => Iterable<Buffer>;
  readonly statuses: readonly number[];
};

type Framing = "length" | "chunked";

function huge(
  name: string,
  [path, type]: readonly [path: string, type: string],
  framing: Framing,
  parts: readonly (readonly [part: () => Buffer, times: number])[],
  statuses: readonly number[],
): HugeRequest {
  function* pieces(): Generator<Buffer> {
    const made = parts.map(([part, times]) => [part(), times] as const);
    const length = made.reduce((sum, [part, times]) => sum + part.length * times, 0);
    const told = framing === "length" ? `Content-Length: ${length}` : "Transfer-Encoding: chunked";
    yield Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n${told}\r\n\r\n`,
    );
    for (const [part, times] of made)
      for (let sent = 0; sent < times; sent++) {
        if (framing === "chunked") yield Buffer.from(`${part.length.toString(16)}\r\n`);
        yield part;
        if (framing === "chunked") yield Buffer.from("\r\n");
      }
    if (framing === "chunked") yield Buffer.from("0\r\n\r\n");
  }
  return { name, pieces, statuses, words: path === "/pedido" ? "replaced" : "v1", isHead: false, isWhole: true };
}

const ORDER = ["/v1/orders", "application/json"] as const;
const PEDIDO = ["/pedido", "application/json"] as const;
const LINES = ["/v1/orders/batch", "application/x-ndjson"] as const;
const ARRAY = ["/v1/orders/batch", "application/json"] as const;

const text = (written: string) => () => Buffer.from(written);
const mebibyteOf = (name: string) => () => fill(name, MEBIBYTE);
/** A line of 1 kB that is no order. */
const badLine = `{"orderId":"${"x".repeat(1_000)}"}\n`;
const badElement = `{${Array.from({ length: 200 }, (_, n) => `"k${n}":null`).join()}}`;

export const HUGE_REQUESTS: readonly HugeRequest[] = [
  huge("an order of 100 MB", ORDER, "length", [[mebibyteOf("unknown keys"), 100]], [413]),
  huge("an order of 100 MB in chunks", ORDER, "chunked", [[mebibyteOf("unknown keys"), 100]], [413]),
  huge("a pedido of 100 MB", PEDIDO, "chunked", [[mebibyteOf("open brackets"), 100]], [413]),
  huge("an array of 100 MB", ARRAY, "length", [[mebibyteOf("one long text"), 100]], [413]),
  huge(
    "an array of 100 MB in chunks",
    ARRAY,
    "chunked",
    [
      [text("["), 1],
      [mebibyteOf("empty items"), 100],
    ],
    [413],
  ),
  huge(
    "an array of one element of 31 MiB",
    ARRAY,
    "length",
    [
      [text('[{"a":"'), 1],
      [mebibyteOf("white space"), 31],
      [text('"}]'), 1],
    ],
    [200],
  ),
  huge(
    "an array of one element of 31 MiB of keys",
    ARRAY,
    "length",
    [
      [text('[{"a":0'), 1],
      [() => Buffer.from(',"k":null'.repeat(100_000)), 31],
      [text("}]"), 1],
    ],
    [200],
  ),
  huge("an array of 31 MiB of open brackets", ARRAY, "chunked", [[mebibyteOf("open brackets"), 31]], [400]),
  huge(
    "an array of 9000 elements of faults",
    ARRAY,
    "length",
    [
      [text("[0"), 1],
      [text(`,${badElement}`), 9_000],
      [text("]"), 1],
    ],
    [200],
  ),
  huge(
    "an array of millions of numbers",
    ARRAY,
    "length",
    [
      [text("[0"), 1],
      [text(",0".repeat(500_000)), 30],
      [text("]"), 1],
    ],
    [413],
  ),
  huge("lines of 100 MB without an end", LINES, "chunked", [[() => Buffer.alloc(MEBIBYTE, "x"), 100]], [200]),
  huge("50 MB of blank lines", LINES, "length", [[mebibyteOf("line feeds"), 50]], [200]),
  huge("100 MB of bad lines", LINES, "chunked", [[text(badLine.repeat(1_000)), 100]], [200]),
  huge("1 MiB of the shortest bad lines", LINES, "chunked", [[mebibyteOf("short bad lines"), 1]], [200]),
  huge(
    "lines of 1 MiB of faults",
    LINES,
    "chunked",
    [[() => Buffer.concat([fill("unknown keys", MEBIBYTE - 1), Buffer.from("\n")]), 8]],
    [200],
  ),
];
