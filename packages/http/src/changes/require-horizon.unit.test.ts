import { expect, test } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";

test("where something has been recording since before this process began, who reads the feed is refused for now", async () => {
  const readTransactions = async () => ({ before: "2026-11-24T12:00:00Z", open: ["3/1"] });
  const { url, close } = await serveForTest({ store: { readTransactions, listChanges: async () => [] } });
  const answers = await Promise.all(["changes?cursor=now", "events"].map((path) => fetch(`${url}/v1/${path}`)));
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  expect(answers.map(({ headers }) => headers.has("retry-after"))).toEqual([true, true]);
  await close();
});
