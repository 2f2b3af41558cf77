import type { FastifyReply } from "fastify";
import { StoreUnavailable } from "../open-store.ts";
import { isRefusal, type Refusal, writeProblem } from "./answer.ts";
import { streamPages } from "./stream-pages.ts";

/**
 * Sends NDJSON: a line for each value, then one for the result, or for why it ended early. An outage of the database midway
 * is reported in the last line as well; at the start it is thrown.
 */
export function streamLines<Reason extends string>(
  reply: FastifyReply,
  lines: AsyncGenerator<object | readonly object[], object | Reason>,
  endedEarly: Readonly<Record<Reason | "unavailable", Refusal>>,
): Promise<FastifyReply> {
  async function* written(): AsyncGenerator<string, void> {
    let isFirst = true;
    try {
      for (;;) {
        const { done, value } = await lines.next();
        if (done) return yield writeLine(typeof value === "string" ? endedEarly[value] : value);
        yield [value].flat().map(writeLine).join("");
        isFirst = false;
      }
    } catch (error) {
      if (isFirst || !(error instanceof StoreUnavailable)) throw error;
      yield writeLine(endedEarly.unavailable);
    } finally {
      await lines.return({});
    }
  }
  return streamPages(reply.type("application/x-ndjson"), written(), (text) => text);
}

function writeLine(line: object): string {
  return `${isRefusal(line) ? writeProblem(line) : JSON.stringify(line)}\n`;
}
