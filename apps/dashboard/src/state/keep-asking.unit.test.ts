import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Problem } from "../api/client.ts";
import { keepAsking } from "./keep-asking.ts";

let page: EventTarget & { hidden: boolean };
beforeEach(() => {
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

/** Asks a server that answers with a text, or refuses with a status. → what is heard of it */
function askServer(answer: string | number, everyMs?: number) {
  const server = { answer };
  const heard: (string | number)[] = [];
  const stop = keepAsking({
    async ask() {
      if (typeof server.answer === "number") throw new Problem(server.answer, "", "");
      return server.answer;
    },
    onAnswer: (text) => heard.push(text),
    onProblem: ({ status }) => heard.push(status),
    everyMs,
  });
  onTestFinished(stop);
  return { server, heard, stop };
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test.each([0, 429, 500, 503])(
  "a view comes back within seconds after %d, also if it is asked once or seldom",
  async (status) => {
    const asked = [askServer(status), askServer(status, 60_000)];
    await pass(30_000);
    for (const { server } of asked) server.answer = "back";
    await pass(3_000);
    for (const { heard } of asked) expect([heard[0], heard.at(-1)]).toEqual([status, "back"]);
  },
);

test("what is answered, or refused for good, is asked again only if it changes by itself", async () => {
  const asked = [askServer("an answer"), askServer(404), askServer("an answer", 1_000), askServer(404, 1_000)];
  await pass(10_500);
  expect(asked.map(({ heard }) => heard.length)).toEqual([1, 1, 11, 11]);
});

test("a hidden page asks nothing until it is visible; one that is left asks nothing more", async () => {
  const { heard, stop } = askServer("an answer", 1_000);
  await pass(0);
  page.hidden = true;
  await pass(10_000);
  expect(heard.length).toBe(1);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  await pass(0);
  expect(heard.length).toBe(2);
  stop();
  await pass(10_000);
  expect(heard.length).toBe(2);
});
