import { connect } from "node:net";

export type Answer = {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

/** What came back on a connection. `unread`: bytes that are no whole answer. */
export type Exchanged = {
  readonly answers: readonly Answer[];
  readonly unread: string;
  /** Who ended it: the server, this client because nothing came any more, or nobody in time. */
  readonly endedBy: "server" | "client" | "nobody";
};

export type ExchangeOptions = {
  /** Past so long a silence after all is sent the client ends its side; for requests that may not be whole. */
  readonly silenceMs?: number;
  /** HEAD: answers have no body, with any headers. */
  readonly isHead?: boolean;
};

const LIMIT_MS = 20_000;

/** Sends bytes on a connection of its own, as fast as they are taken; → what came back until it ended. */
export function exchange(port: number, pieces: Iterable<Buffer>, options: ExchangeOptions = {}): Promise<Exchanged> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    let endedBy: Exchanged["endedBy"] = "server";
    let silence: NodeJS.Timeout | undefined;
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    const limit = setTimeout(() => {
      endedBy = "nobody";
      socket.destroy();
    }, LIMIT_MS);
    const left = pieces[Symbol.iterator]();

    function send(): void {
      for (let next = left.next(); !next.done; next = left.next()) {
        if (socket.destroyed) return;
        if (!socket.write(next.value)) return void socket.once("drain", send);
      }
      listen();
    }
    function listen(): void {
      clearTimeout(silence);
      if (options.silenceMs === undefined) return;
      silence = setTimeout(() => {
        endedBy = "client";
        socket.end();
      }, options.silenceMs);
    }
    socket.once("connect", send);
    socket.on("data", (chunk: Buffer) => {
      received.push(chunk);
      if (silence !== undefined) listen();
    });
    socket.on("end", () => socket.destroy());
    // A server that is done may reset a connection that is still sending to it.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(limit);
      clearTimeout(silence);
      resolve({ ...readAnswers(Buffer.concat(received), options.isHead === true), endedBy });
    });
  });
}

function readAnswers(bytes: Buffer, isHead: boolean): Pick<Exchanged, "answers" | "unread"> {
  const answers: Answer[] = [];
  for (let at = 0; ; ) {
    const answer = readAnswer(bytes, at, isHead);
    if (answer === undefined) return { answers, unread: bytes.toString("latin1", at) };
    if (answer.status >= 200) answers.push(answer);
    at = answer.end;
  }
}

function readAnswer(bytes: Buffer, start: number, isHead: boolean): (Answer & { end: number }) | undefined {
  const blank = bytes.indexOf("\r\n\r\n", start);
  if (blank === -1) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", start, blank).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${first} `)?.[1]);
  if (!(status >= 100)) return undefined;
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const from = blank + 4;
  if (isHead || status < 200 || status === 204 || status === 304) return { status, headers, body: "", end: from };
  if (headers.get("transfer-encoding") === "chunked") {
    const body = readChunks(bytes, from);
    return body && { status, headers, ...body };
  }
  const end = from + Number(headers.get("content-length") ?? bytes.length - from);
  return end > bytes.length ? undefined : { status, headers, body: bytes.toString("utf8", from, end), end };
}

function readChunks(bytes: Buffer, start: number): { body: string; end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const line = bytes.indexOf("\r\n", at);
    if (line === -1) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
    const next = line + 2 + size + 2;
    if (next > bytes.length) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks).toString("utf8"), end: next };
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    at = next;
  }
}
