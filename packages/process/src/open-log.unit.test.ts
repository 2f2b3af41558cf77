import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { writeOnceATurn } from "./open-log.ts";

function open() {
  const output = { write: vi.fn(), flushSync: vi.fn() };
  return { output, gathering: writeOnceATurn(output) };
}

test("the lines of a turn are written together, in order, once", async () => {
  const { output, gathering } = open();
  gathering.write("a\n");
  gathering.write("b\n");
  expect(output.write).not.toHaveBeenCalled();
  await turn();
  gathering.write("c\n");
  await turn();
  await turn();
  expect(output.write.mock.calls).toEqual([["a\nb\n"], ["c\n"]]);
});

test("what is gathered is written at once when it is told to, as before a fatal end", async () => {
  const { output, gathering } = open();
  gathering.write("a\n");
  gathering.flushSync();
  expect(output.write.mock.calls).toEqual([["a\n"]]);
  expect(output.flushSync).toHaveBeenCalledOnce();
  await turn();
  expect(output.write).toHaveBeenCalledOnce();
});

test("what is gathered is written when the process exits", () => {
  const before = process.listeners("exit");
  const { output, gathering } = open();
  const [onExit] = process.listeners("exit").filter((listener) => !before.includes(listener));
  gathering.write("a\n");
  onExit?.call(process, 0);
  expect(output.write.mock.calls).toEqual([["a\n"]]);
});
