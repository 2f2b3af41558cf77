import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { tellClosing } from "./close-in-order.ts";

/**
 * Sends a whole list page by page, as fast as the client reads. The first page is awaited, so that a database that is
 * away is still an answer of its own; a failure later breaks the connection, which no client takes for the end. When the
 * client leaves, the walk is ended.
 *
 * @param frame what stands before and after the pages
 * @param write a page as text
 */
export async function streamPages<Page>(
  reply: FastifyReply,
  pages: AsyncGenerator<Page, void>,
  write: (page: Page) => string,
  frame: { readonly head: string; readonly tail: string } = { head: "", tail: "" },
): Promise<FastifyReply> {
  const first = await pages.next();
  tellClosing(reply);
  async function* text(): AsyncGenerator<string, void> {
    try {
      yield frame.head + (first.done ? "" : write(first.value));
      if (!first.done) for await (const page of pages) yield write(page);
      yield frame.tail;
    } finally {
      await pages.return();
    }
  }
  if (reply.request.method === "HEAD") {
    await pages.return();
    return reply.send();
  }
  return reply.send(Readable.from(withoutEmpty(text()), { objectMode: false, highWaterMark: 64 * 1024 }));
}

async function* withoutEmpty(texts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  for await (const text of texts) if (text !== "") yield text;
}
