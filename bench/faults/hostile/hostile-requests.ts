import fc from "fast-check";
import { FILLINGS, fill, hostileArray, hostileLines, hostileOrder, MEBIBYTE, wordsOf } from "./hostile-bodies.ts";

/** A request as bytes, or what should have been one. */
export type HostileRequest = {
  readonly pieces: readonly Buffer[];
  /** Whose words a refusal has: problem documents, or `{error}` where the replaced system's routes are asked. */
  readonly words: "v1" | "replaced";
  readonly isHead: boolean;
  /** Whether the server has all it needs to answer. */
  readonly isWhole: boolean;
  /**
   * No HTTP/1.1: its connection is closed behind its answer, and what was sent behind it has that connection reset, which
   * may overtake the answer.
   */
  readonly mayReset?: boolean;
};

const JSON_TYPE = "application/json";
const NDJSON_TYPE = "application/x-ndjson";

type Door = { readonly path: string; readonly type: string; readonly words: HostileRequest["words"] };
const DOORS = {
  order: { path: "/v1/orders", type: JSON_TYPE, words: "v1" },
  lines: { path: "/v1/orders/batch", type: NDJSON_TYPE, words: "v1" },
  array: { path: "/v1/orders/batch", type: JSON_TYPE, words: "v1" },
  pedido: { path: "/pedido", type: JSON_TYPE, words: "replaced" },
  replay: { path: "/v1/rejections/1/replay", type: JSON_TYPE, words: "v1" },
} as const satisfies Record<string, Door>;

type Headers = readonly (readonly [name: string, value: string])[];

function request(method: string, target: string, headers: Headers, body: Buffer): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}

const BASE: Headers = [
  ["Host", "localhost"],
  ["Connection", "close"],
];

function post({ path, type, words }: Door, body: Buffer, headers: Headers = []): HostileRequest {
  const own: Headers = [["Content-Type", type], ["Content-Length", String(body.length)], ...headers];
  return { pieces: [request("POST", path, [...BASE, ...own], body)], words, isHead: false, isWhole: true };
}

const doorAndBody: fc.Arbitrary<readonly [Door, Buffer]> = fc.oneof(
  hostileOrder.english.map((body) => [DOORS.order, body] as const),
  hostileOrder.portuguese.map((body) => [DOORS.pedido, body] as const),
  hostileLines.map((body) => [DOORS.lines, body] as const),
  hostileArray.map((body) => [DOORS.array, body] as const),
  hostileOrder.english.map((body) => [DOORS.replay, body] as const),
);

const bodies = doorAndBody.map(([door, body]) => post(door, body));

/** Types and encodings that are not what they should be, or say it oddly. */
const types = fc
  .tuple(
    doorAndBody,
    fc.constantFrom(
      ...wordsOf(`text/plain application/xml application/x-www-form-urlencoded application/json;charset=latin1 APPLICATION/JSON
        application/json; json */* application/problem+json ; application/cloudevents+json application/x-ndjson`),
      ...[
        "",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        " application/json ",
        "\t",
        "a/b\xff",
      ],
      ...["application/json, text/plain", "application/json; q=__proto__", "x".repeat(8_000)],
    ),
    fc.constantFrom("", "identity", "gzip", "br", "deflate, gzip", "chunked", "x".repeat(4_000), "\xe9"),
  )
  .map(([[door, body], type, encoding]) =>
    post({ ...door, type }, body, encoding === "" ? [] : [["Content-Encoding", encoding]]),
  );

const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...wordsOf(`0 -1 1 01 1.5 1e3 9007199254740991 9007199254740992 NaN abc %00 % %zz %ff %c0%af %2e%2e%2f .. ../.. 1;2 1%2F2
      __proto__ constructor true [] 2026-01-01T00:00:00Z 2026-13-01T00:00:00Z 0000-01-01T00:00:00Z 9999-12-31T23:59:60Z
      2026-01-01 é $1 \\ %27%3B open poison`),
    ...["9".repeat(400), "' or 1=1 --", "a".repeat(6_000)],
  ),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.base64String({ maxLength: 60 }),
);
const target = fc
  .tuple(
    fc.constantFrom(
      ...wordsOf(`/v1/orders /v1/orders/ID /v1/customers/ID /v1/customers/ID/orders /v1/rejections /pedido/ID /cliente/ID/pedidos
        /cliente/ID/quantidade_pedidos /health/ready /metrics /openapi.json /docs /docs/static/ID /v1/rejections/ID/discard
        /ID //v1/orders /v1//orders /V1/ORDERS /v1/orders/`),
    ),
    oddText,
    fc.array(
      fc.tuple(fc.constantFrom(...wordsOf("limit cursor from to reason status orderId limit[] __proto__ x")), oddText),
      { maxLength: 3 },
    ),
  )
  .map(([path, text, query]) => {
    const pairs = query.map(([name, value]) => `${name}=${value}`).join("&");
    return `${path.replace("ID", text)}${pairs === "" ? "" : `?${pairs}`}`.replaceAll(/[^\x21-\xff]/g, "%20");
  });
const oddHeader: fc.Arbitrary<readonly [string, string]> = fc.constantFrom(
  ["Accept", "text/csv"],
  ["Accept", "application/x-ndjson;q=0.5, */*;q=0"],
  ["Accept", "application/xml"],
  ["Accept", ";;;,,,=q"],
  ["Accept", "a/b,".repeat(1_000)],
  ["Authorization", "Bearer "],
  ["Authorization", "Basic YTpi"],
  ["Authorization", `Bearer ${"x".repeat(7_000)}`],
  ["Prefer", "wait=1"],
  ["Prefer", "wait=-1, wait=1e9"],
  ["Prefer", 'wait="1", x="\\'],
  ["Prefer", `${'"'.repeat(2_000)}`],
  ["Prefer", `wait ${"= ".repeat(2_000)}`],
  ["X-Request-Id", "a\xff\xfe"],
  ["X-Request-Id", '"},{"'],
  ["Cookie", "a=b; ".repeat(500)],
  ["Range", "bytes=0-"],
  ["If-None-Match", "*"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-Forwarded-For", "::1, ".repeat(500)],
  ["Upgrade", "websocket"],
);
const method = fc.constantFrom(...wordsOf("GET GET GET HEAD OPTIONS DELETE PUT PATCH TRACE QUERY PURGE MKCOL"));

/** Everything of a request that is no body. */
const parameters = fc
  .tuple(method, target, fc.uniqueArray(oddHeader, { maxLength: 3, selector: ([name]) => name }))
  .map(
    ([verb, to, headers]): HostileRequest => ({
      pieces: [request(verb, to, [...BASE, ...headers], Buffer.alloc(0))],
      words: /^\/+(pedido|cliente)\b/.test(to) ? "replaced" : "v1",
      isHead: verb === "HEAD",
      isWhole: true,
    }),
  );

const chunk = (bytes: Buffer, size = bytes.length.toString(16)) =>
  Buffer.concat([Buffer.from(`${size}\r\n`), bytes, Buffer.from("\r\n")]);

/** A body as it is framed: its headers, and its bytes. */
type Frame = (body: Buffer) => readonly [Headers, Buffer];
const chunkedAs =
  (coding: string, frame: (body: Buffer) => Buffer, headers: (body: Buffer) => Headers = () => []): Frame =>
  (body) => [[["Transfer-Encoding", coding], ...headers(body)], frame(body)];
const lengthAs =
  (length: (bytes: number) => string, ...more: Headers): Frame =>
  (body) => [[["Content-Length", length(body.length)], ...more], body];
const ended = (body: Buffer, end = "0\r\n\r\n") => Buffer.concat([chunk(body), Buffer.from(end)]);

/** How a body is framed: rightly, and in every wrong way. */
const framing: fc.Arbitrary<Frame> = fc.oneof(
  fc.constantFrom<Frame>(
    chunkedAs("chunked", ended),
    chunkedAs("chunked", (body) => ended(body, "0\r\nX: y\r\n\r\n")),
    chunkedAs("chunked", chunk),
    chunkedAs("chunked", (body) => chunk(body, "ffffffffffffffff")),
    chunkedAs("chunked", (body) => chunk(body, "-1")),
    chunkedAs("chunked", (body) => chunk(body, `${body.length.toString(16)};${"x".repeat(20_000)}`)),
    chunkedAs("gzip, chunked", ended),
    chunkedAs("identity", (body) => body),
    chunkedAs("chunked", chunk, ({ length }) => [["Content-Length", String(length)]]),
    lengthAs(String, ["Content-Length", "0"]),
    lengthAs((bytes) => `${bytes}, ${bytes}`),
    lengthAs((bytes) => `+${bytes}`),
    ...wordsOf("99999999999999999999 1048577 -1 0x10").map((length) => lengthAs(() => length)),
    (body) => [[], body],
    lengthAs(String, ["Expect", "100-continue"]),
    lengthAs(String, ["Expect", "the worst"]),
    lengthAs(String, ["Upgrade", "h2c"], ["Connection", "Upgrade"]),
  ),
  fc.integer({ min: -50, max: 50 }).map((lie) => lengthAs((bytes) => String(Math.max(0, bytes + lie)))),
);

/** Requests whose frame lies, is broken, or is cut into pieces; and at their end a good one, should that be reached. */
const frames = fc
  .tuple(
    doorAndBody,
    framing,
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: edited().map((one) => [one]) }),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant("HTTP/1.1") },
      { weight: 1, arbitrary: fc.constantFrom("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "ICY", "") },
    ),
    fc.array(fc.nat(1_000), { maxLength: 4 }),
  )
  .map(([[door, body], frame, edits, version, cuts]): HostileRequest => {
    const [headers, framed] = frame(body);
    const good = request("POST", door.path, [["Host", "localhost"], ["Content-Type", door.type], ...headers], framed);
    const first = Buffer.from(good.toString("latin1").replace("HTTP/1.1", version), "latin1");
    const bytes = Buffer.concat([
      edits.reduce<Buffer>((now, change) => change(now), first),
      request("GET", "/health/live", BASE, Buffer.alloc(0)),
    ]);
    const inner = cuts.map((part) => Math.floor((bytes.length * part) / 1_000)).sort((a, b) => a - b);
    const places = [0, ...inner, bytes.length];
    const pieces = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
    return {
      pieces: pieces.filter(({ length }) => length > 0),
      words: door.words,
      isHead: false,
      isWhole: false,
      mayReset: !/^[^\r\n]* HTTP\/1\.1\r?\n/.test(bytes.toString("latin1")),
    };
  });

/** A change to the first 200 bytes, where the request line and the headers are. */
function edited(): fc.Arbitrary<(bytes: Buffer) => Buffer> {
  const put = fc.oneof(
    fc.constantFrom(
      ...["\u0000", "\n", "\r", "\r\n", "\r\n\r\n", " ", "\t", ":", "\x7f", "\xff"],
      ...["GET / HTTP/1.1\r\n", "X: ".repeat(8_000)],
    ),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 5 }),
  );
  return fc.tuple(fc.nat(200), fc.nat(5), put).map(
    ([at, gone, text]) =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at), Buffer.from(text, "latin1"), bytes.subarray(at + gone)]),
  );
}

/** Bodies around the limits, full of what costs most. */
const large = fc
  .tuple(
    fc.constantFrom<keyof typeof DOORS>("order", "lines", "array", "pedido", "replay"),
    fc.constantFrom(...Object.keys(FILLINGS)),
    fc.constantFrom(64 * 1024, 64 * 1024 + 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE, MEBIBYTE, MEBIBYTE + 1),
    fc.boolean(),
  )
  .map(([door, filling, bytes, isChunked]): HostileRequest => {
    const body = fill(filling, bytes);
    if (!isChunked) return post(DOORS[door], body);
    const { path, type, words } = DOORS[door];
    const headers: Headers = [...BASE, ["Content-Type", type], ["Transfer-Encoding", "chunked"]];
    const framed = Buffer.concat([chunk(body.subarray(0, 1_000)), ended(body.subarray(1_000))]);
    return { pieces: [request("POST", path, headers, framed)], words, isHead: false, isWhole: true };
  });

/** What is thrown at the HTTP door, by kind. */
export const HOSTILE_REQUESTS = { bodies, types, parameters, frames, large } as const;
export type RequestKind = keyof typeof HOSTILE_REQUESTS;
