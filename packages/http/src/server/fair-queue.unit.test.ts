import { setImmediate as nextIteration } from "node:timers/promises";
import { expect, test } from "vitest";
import { ClientGone, limitFairly, openFairQueue } from "./fair-queue.ts";

test("callers take turns, however much each has brought", () => {
  const queue = openFairQueue<string>();
  for (const item of ["a1", "a2", "a3", "b1", "c1", "b2"]) queue.add(item.charAt(0), item);
  expect([queue.take(), queue.take()]).toEqual(["a1", "b1"]);
  queue.add("d", "d1");
  const rest: (string | undefined)[] = [];
  while (!queue.isEmpty()) rest.push(queue.take());
  expect(rest).toEqual(["c1", "a2", "b2", "d1", "a3"]);
  expect(queue.take()).toBeUndefined();
});

test("so many run at once; work of a client that has gone is not begun, and a failure ends only its own", async () => {
  const limit = limitFairly(2);
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const gone = new Set<string>();
  const run = (name: string) =>
    limit({ caller: name.charAt(0), isGone: () => gone.has(name) }, () => {
      begun.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    });
  const runs = ["a1", "a2", "a3", "a4", "b1"].map(run);
  const settled = Promise.allSettled(runs);
  expect(begun).toEqual(["a1", "a2"]);
  gone.add("a3");
  ends.get("a1")?.reject(new Error("broken"));
  await nextIteration();
  expect(begun).toEqual(["a1", "a2", "b1"]);
  ends.get("b1")?.resolve("b1");
  await nextIteration();
  expect(begun).toEqual(["a1", "a2", "b1", "a4"]);
  for (const name of ["a2", "a4"]) ends.get(name)?.resolve(name);
  expect(await settled).toEqual([
    { status: "rejected", reason: new Error("broken") },
    { status: "fulfilled", value: "a2" },
    { status: "rejected", reason: expect.any(ClientGone) },
    { status: "fulfilled", value: "a4" },
    { status: "fulfilled", value: "b1" },
  ]);
});
