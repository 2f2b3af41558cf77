import { describe, expect, test, vi } from "vitest";
import type { Line } from "./line.ts";
import { createRecordingQueue } from "./recording-queue.ts";

function lines(...names: string[]) {
  return names.map((name) => {
    const line: Line = { source: "http", body: Buffer.from(name), tries: 0, settle: vi.fn() };
    return line;
  });
}
const names = (batch: readonly Line[]) => batch.map((line) => String(line.body)).join("");
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A queue whose commits are ended by hand. */
function open({ maxLines = 100, maxBytes = 1_000 } = {}) {
  const commits: { batch: readonly Line[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  const stalled: string[] = [];
  const queue = createRecordingQueue({
    record: (batch) => new Promise((resolve, reject) => commits.push({ batch, resolve, reject })),
    onOutage: (batch) => stalled.push(names(batch)),
    maxLines,
    maxBytes,
  });
  const add = (...text: string[]) => {
    for (const one of text) queue.add(lines(one).values());
  };
  return { queue, add, commits, stalled, batches: () => commits.map((commit) => names(commit.batch)) };
}

describe("batches", () => {
  test("hold what arrived together; while two commit, the rest gathers", async () => {
    const { add, commits, batches } = open();
    add("a", "b");
    await turn();
    add("c");
    await turn();
    add("d");
    add("e", "f");
    await turn();
    expect(batches()).toEqual(["ab", "c"]);
    commits[1]?.resolve();
    await turn();
    expect(batches()).toEqual(["ab", "c", "def"]);
  });

  test("are bounded in lines, also within one parcel", async () => {
    const { queue, batches } = open({ maxLines: 2 });
    queue.add(lines("a", "b", "c").values());
    await turn();
    expect(batches()).toEqual(["ab", "c"]);
  });

  test("are bounded in bytes, but hold at least one line", async () => {
    const { add, batches } = open({ maxBytes: 3 });
    add("xxxx", "a", "b", "c", "d");
    await turn();
    expect(batches()).toEqual(["xxxx", "abc", "d"]);
  });

  test("go three at once where they are full, and no more", async () => {
    const { add, commits, batches } = open({ maxLines: 2 });
    add("a", "b", "c", "d", "e", "f", "g", "h");
    await turn();
    expect(batches()).toEqual(["ab", "cd", "ef"]);
    commits[0]?.resolve();
    await turn();
    expect(batches()).toEqual(["ab", "cd", "ef", "gh"]);
  });
});

test("lines are settled once their batch has committed, not before", async () => {
  const { queue, commits } = open();
  const [line] = lines("a");
  if (!line) throw new Error("a line");
  queue.add([line].values());
  await turn();
  expect(line.settle).not.toHaveBeenCalled();
  commits[0]?.resolve();
  await turn();
  expect(line.settle).toHaveBeenCalledTimes(1);
});

test("after an outage nothing is tried until it resumes, and the batch is handed over unsettled", async () => {
  const { queue, add, commits, batches, stalled } = open();
  add("a");
  await turn();
  commits[0]?.reject(new Error("gone"));
  await turn();
  add("b");
  await turn();
  expect([batches(), stalled]).toEqual([["a"], ["a"]]);
  expect(commits[0]?.batch[0]?.settle).not.toHaveBeenCalled();
  queue.resume();
  await turn();
  expect(batches()).toEqual(["a", "b"]);
});

test("what runs alone waits for what is in flight, and everything else waits for it", async () => {
  const { queue, add, commits, batches } = open();
  add("a");
  await turn();
  const work = Promise.withResolvers<void>();
  let began = false;
  const alone = queue.alone(() => {
    began = true;
    return work.promise;
  });
  add("b");
  await turn();
  expect([began, batches()]).toEqual([false, ["a"]]);
  commits[0]?.resolve();
  await turn();
  await turn();
  expect([began, batches()]).toEqual([true, ["a"]]);
  work.resolve();
  await alone;
  await turn();
  expect(batches()).toEqual(["a", "b"]);
});

test("tells what waits, in parcels and in the bytes that it was told of", async () => {
  const { queue, commits } = open({ maxLines: 2 });
  const waiting = (): [number, number] => [queue.waiting().parcels, queue.waiting().bytes];
  for (const one of ["a", "bb", "ccc", "dddd", "eeeee", "ffffff", "g"]) queue.add(lines(one).values(), one.length);
  expect(waiting()).toEqual([7, 22]);
  await turn();
  // The one whose last line ended a batch is not known to be empty yet.
  expect(waiting()).toEqual([2, 7]);
  commits[0]?.resolve();
  await turn();
  expect(waiting()).toEqual([0, 0]);
  queue.hold();
  queue.add(lines("a").values(), 1);
  queue.clear();
  expect(waiting()).toEqual([0, 0]);
});

test("is drained when nothing waits and nothing is in flight", async () => {
  const { queue, add, commits } = open();
  let drained = false;
  add("a");
  void queue.drained().then(() => {
    drained = true;
  });
  await turn();
  expect(drained).toBe(false);
  commits[0]?.resolve();
  await turn();
  expect(drained).toBe(true);
});

test("tells the spool rows among what it forgets", async () => {
  const { queue, add } = open();
  queue.hold();
  add("a");
  const [row] = lines("b").map((line) => ({ ...line, spoolId: 1 }));
  if (!row) throw new Error("a row");
  queue.add([row].values());
  expect(queue.clear()).toEqual([row]);
});

test("forgets what waits when it is handed back", async () => {
  const { queue, add, batches } = open();
  queue.hold();
  add("a", "b");
  queue.clear();
  queue.resume();
  await turn();
  expect(batches()).toEqual([]);
});
