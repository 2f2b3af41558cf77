const MEBIBYTE = 1024 * 1024;

/** What one caller does to the API, on so many connections at once. */
export type Attack = {
  readonly connections: number;
  /** What each connection sends at once; and then byte by byte, if it is slow. */
  readonly bytes: () => Buffer;
  readonly drops?: string;
  /** Whether it reads what is answered, and then begins again. */
  readonly reads: boolean;
};

function post(path: string, body: string | Buffer, { type = "application/json", missing = 0 } = {}): () => Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: ${body.length + missing}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), Buffer.from(body)]);
  return () => bytes;
}

function get(path: string, accept = "*/*"): () => Buffer {
  const bytes = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\n\r\n`);
  return () => bytes;
}

const unknownKeys = `{"a":0${Array.from({ length: 70_000 }, (_, n) => `,"k${n}":null`).join("")}`.padEnd(MEBIBYTE - 1);
const arrayOfKeys = `[${Array(31).fill(`${unknownKeys}}`).join()}]`;
const lines = "application/x-ndjson";

export const ATTACKS = {
  "bodies that lack their last byte": {
    connections: 256,
    bytes: post("/v1/orders", Buffer.alloc(MEBIBYTE - 1, " "), { missing: 1 }),
    reads: true,
  },
  "small bodies that lack their last byte": {
    connections: 1_000,
    bytes: post("/v1/orders", Buffer.alloc(63, " "), { missing: 1 }),
    reads: true,
  },
  "orders of 1 MiB of unknown keys": { connections: 200, bytes: post("/v1/orders", `${unknownKeys}}`), reads: true },
  "batches of lines of 1 MiB of unknown keys": {
    connections: 128,
    bytes: post("/v1/orders/batch", `${unknownKeys}}\n`.repeat(8), { type: lines }),
    reads: true,
  },
  "lists of rejections that are not read": { connections: 100, bytes: get("/v1/rejections?limit=200"), reads: false },
  "streams of events": { connections: 500, bytes: get("/v1/events"), reads: false },
  "slow reconciliations": {
    connections: 128,
    bytes: post("/v1/orders/reconcile", "{}\n".repeat(1_000), { type: lines, missing: 100_000 }),
    drops: " ".repeat(1_000),
    reads: false,
  },
  "exports that are not read": { connections: 64, bytes: get("/v1/orders", "text/csv"), reads: false },
  // The last, since what it leaves to be collected stays resident.
  "arrays of 31 MiB of unknown keys": {
    connections: 8,
    bytes: post("/v1/orders/batch", arrayOfKeys),
    reads: true,
  },
} satisfies Readonly<Record<string, Attack>>;

export type AttackName = keyof typeof ATTACKS;
