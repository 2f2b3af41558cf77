import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { answerHead } from "./answer-head.ts";
import { cutSlow } from "./await-reader.ts";
import { compress } from "./compress.ts";
import { endWithKey } from "./end-with-key.ts";
import type { FairLimit } from "./fair-queue.ts";
import { clientOf } from "./identify-caller.ts";
import { setConnectionClose } from "./shut-down-gracefully.ts";
import { awaitSlice } from "./yield-to-others.ts";

type Frame = { readonly head?: string; readonly tail?: string; readonly compressed?: boolean };

/**
 * Sends a whole list page by page, as fast as the client reads. The first page is awaited, so that an outage of the database
 * is still answered with 503; a later failure breaks the connection, which no client takes for the end. The walk ends when
 * the client leaves, and a client that does not read is cut off.
 *
 * @param write turns a page into text
 * @param frame the text before and after the pages, and whether they are compressed if the client takes that
 */
export async function streamPages<Page>(
  reply: FastifyReply,
  pages: AsyncGenerator<Page, void>,
  write: (page: Page) => string,
  { head = "", tail = "", compressed = false }: Frame = {},
): Promise<FastifyReply> {
  const first = await pages.next();
  setConnectionClose(reply);
  async function* text(): AsyncGenerator<string, void> {
    try {
      yield head + (first.done ? "" : write(first.value));
      if (!first.done) for await (const page of pages) yield write(page);
      yield tail;
    } finally {
      await pages.return();
    }
  }
  if (reply.request.method === "HEAD") {
    await pages.return();
    return answerHead(reply);
  }
  endWithKey(reply);
  const texts = cutSlow(withoutEmpty(text()), () => reply.raw.destroy());
  const content = Readable.from(texts, { objectMode: false, highWaterMark: 64 * 1024 });
  return reply.send(compressed ? await compress(reply, content) : content);
}

/** → the pages, each read and written when the client takes it and it is its caller's turn: in between nothing is occupied. */
export async function* readFairly<Page>(
  limit: FairLimit,
  reply: FastifyReply,
  pages: AsyncGenerator<Page, void>,
): AsyncGenerator<Page, void> {
  const client = clientOf(reply);
  try {
    for (;;) {
      const next = await limit(client, () => pages.next());
      if (next.done) return;
      await awaitSlice(client);
      yield next.value;
    }
  } finally {
    await pages.return();
  }
}

async function* withoutEmpty(texts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  for await (const text of texts) if (text !== "") yield text;
}
