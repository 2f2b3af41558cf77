import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { gatherLines } from "./open-log.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const output = { write: vi.fn(), flushSync: vi.fn() };
  return { output, gathering: gatherLines(output) };
}

test("the lines of 10 ms are written together, in order, once", () => {
  const { output, gathering } = open();
  gathering.write("a\n");
  vi.advanceTimersByTime(9);
  gathering.write("b\n");
  expect(output.write).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  gathering.write("c\n");
  vi.advanceTimersByTime(20);
  expect(output.write.mock.calls).toEqual([["a\nb\n"], ["c\n"]]);
});

test("gathered lines are written at once on a flush, as before a fatal end", () => {
  const { output, gathering } = open();
  gathering.write("a\n");
  gathering.flushSync();
  expect(output.write.mock.calls).toEqual([["a\n"]]);
  expect(output.flushSync).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(20);
  expect(output.write).toHaveBeenCalledOnce();
});

test("gathered lines are written when the process exits", () => {
  const before = process.listeners("exit");
  const { output, gathering } = open();
  const [onExit] = process.listeners("exit").filter((listener) => !before.includes(listener));
  gathering.write("a\n");
  onExit?.call(process, 0);
  expect(output.write.mock.calls).toEqual([["a\n"]]);
});
