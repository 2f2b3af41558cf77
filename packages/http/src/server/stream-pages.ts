import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { answerHead } from "./answer-head.ts";
import { compress } from "./compress.ts";
import { endWithKey } from "./end-with-key.ts";
import { setConnectionClose } from "./shut-down-gracefully.ts";

type Frame = { readonly head?: string; readonly tail?: string; readonly compressed?: boolean };

/**
 * Sends a whole list page by page, as fast as the client reads. The first page is awaited, so that an outage of the database
 * is still answered with 503; a later failure breaks the connection, which no client takes for the end. The walk ends when
 * the client leaves.
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
  const content = Readable.from(withoutEmpty(text()), { objectMode: false, highWaterMark: 64 * 1024 });
  return reply.send(compressed ? await compress(reply, content) : content);
}

async function* withoutEmpty(texts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  for await (const text of texts) if (text !== "") yield text;
}
