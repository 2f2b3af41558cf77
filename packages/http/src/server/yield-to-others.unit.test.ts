import { expect, test } from "vitest";
import { awaitSlice } from "./yield-to-others.ts";

test("long work is done one slice an iteration, in turns of the callers, with others in between", async () => {
  const done: string[] = [];
  const gone = new Set(["a3"]);
  const work = async (name: string) => {
    await awaitSlice({ caller: name.charAt(0), isGone: () => gone.has(name) });
    done.push(name);
    for (const began = performance.now(); performance.now() - began < 15; );
    setImmediate(() => done.push("other"));
  };
  await Promise.all(["a1", "a2", "a3", "a4", "b1"].map(work));
  const slices = done.filter((name) => name !== "other" && name !== "a3");
  expect(slices).toEqual(["a1", "b1", "a2", "a4"]);
  for (const [index, name] of slices.slice(1).entries())
    expect(done.slice(done.indexOf(slices[index] ?? ""), done.indexOf(name))).toContain("other");
});
