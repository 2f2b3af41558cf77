import { expect, onTestFinished, test, vi } from "vitest";
import { serveForTest } from "./testing/serve-for-test.ts";

test("while a transaction from before this process's start is recording, readers of the feed are refused", async () => {
  const readTransactions = async () => ({ before: "2026-11-24T12:00:00Z", open: ["3/1"] });
  const { url, close } = await serveForTest({ store: { readTransactions, listChanges: async () => [] } });
  onTestFinished(close);
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"], fakeNodeBuiltins: true });
  onTestFinished(() => void vi.useRealTimers());
  const answers: Response[] = [];
  for (const path of ["changes?cursor=now", "events"])
    void fetch(`${url}/v1/${path}`).then((answer) => answers.push(answer));
  while (answers.length < 2) {
    await vi.advanceTimersByTimeAsync(100);
    await new Promise(setImmediate);
  }
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  expect(answers.map(({ headers }) => headers.has("retry-after"))).toEqual([true, true]);
});
