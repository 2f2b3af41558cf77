import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Line } from "../lines/line.ts";
import { openProtocol, type Protocol } from "../protocol/open-protocol.ts";
import { mayTryAlone } from "../protocol/protocol.ts";
import { openRecordingQueue } from "./recording-queue.ts";

function lines(...names: string[]) {
  return names.map((name) => {
    const line: Line = { source: "http", body: Buffer.from(name), tries: 0, settle: vi.fn() };
    return line;
  });
}
const names = (batch: readonly Line[]) => batch.map((line) => String(line.body)).join("");
const nextImmediate = () => new Promise<void>((resolve) => setImmediate(resolve));

const gone = { kind: "connection_lost", code: "LostConnection", isPerOrder: false } as const;
/** Ends an outage. */
function recover({ report }: Protocol, stalled: readonly Line[] = []) {
  report({ kind: "probe_passed" });
  report({ kind: "given_back", lines: stalled });
}

/** A queue whose commits are ended by hand. */
function open({ maxLines = 100, maxBytes = 1_000 } = {}) {
  const commits: { batch: readonly Line[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  const stalled: string[] = [];
  const protocol = openProtocol();
  const queue = openRecordingQueue({
    protocol: {
      ...protocol,
      report(event) {
        if (event.kind === "batch_stalled") stalled.push(names(event.lines));
        protocol.report(event);
      },
    },
    record: (batch) => new Promise((resolve, reject) => commits.push({ batch, resolve, reject })),
    classify: () => gone,
    maxLines,
    maxBytes,
  });
  const add = (...text: string[]) => {
    for (const one of text) queue.add(lines(one).values(), { bytes: one.length });
  };
  const addLingering = (...text: string[]) => {
    for (const one of text) queue.add(lines(one).values(), { bytes: one.length, mayLinger: true });
  };
  return {
    queue,
    protocol,
    add,
    addLingering,
    commits,
    stalled,
    batches: () => commits.map((commit) => names(commit.batch)),
  };
}

describe("batches", () => {
  test("hold what arrived together; what arrives while two commit is gathered", async () => {
    const { add, commits, batches } = open();
    add("a", "b");
    await nextImmediate();
    add("c");
    await nextImmediate();
    add("d");
    add("e", "f");
    await nextImmediate();
    expect(batches()).toEqual(["ab", "c"]);
    commits[1]?.resolve();
    await nextImmediate();
    expect(batches()).toEqual(["ab", "c", "def"]);
  });

  test("are bounded in lines, also within one message", async () => {
    const { queue, batches } = open({ maxLines: 2 });
    queue.add(lines("a", "b", "c").values(), { bytes: 3 });
    await nextImmediate();
    expect(batches()).toEqual(["ab", "c"]);
  });

  test("are bounded in bytes, but hold at least one line", async () => {
    const { add, batches } = open({ maxBytes: 3 });
    add("xxxx", "a", "b", "c", "d");
    await nextImmediate();
    expect(batches()).toEqual(["xxxx", "abc", "d"]);
  });

  test("go three at once where they are full, and no more", async () => {
    const { add, commits, batches } = open({ maxLines: 2 });
    add("a", "b", "c", "d", "e", "f", "g", "h");
    await nextImmediate();
    expect(batches()).toEqual(["ab", "cd", "ef"]);
    commits[0]?.resolve();
    await nextImmediate();
    expect(batches()).toEqual(["ab", "cd", "ef", "gh"]);
  });
});

describe("what nobody waits for", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  test("goes at once where the last batch is long ago, else lingers until 20 ms after it", async () => {
    const { addLingering, commits, batches } = open();
    addLingering("a");
    await pass(0);
    commits[0]?.resolve();
    await pass(5);
    addLingering("b");
    await pass(10);
    addLingering("c");
    await pass(4);
    expect(batches()).toEqual(["a"]);
    await pass(1);
    expect(batches()).toEqual(["a", "bc"]);
    await pass(20);
    addLingering("d");
    await pass(0);
    expect(batches()).toEqual(["a", "bc", "d"]);
  });

  test("goes along with what somebody waits for, which goes at once", async () => {
    const { add, addLingering, batches } = open();
    addLingering("a");
    await pass(0);
    addLingering("b");
    await pass(1);
    add("c");
    await pass(0);
    expect(batches()).toEqual(["a", "bc"]);
  });

  test("lingers as before when that has gone", async () => {
    const { add, addLingering, commits, batches } = open();
    add("a");
    await pass(0);
    commits[0]?.resolve();
    addLingering("b");
    await pass(19);
    expect(batches()).toEqual(["a"]);
    await pass(1);
    expect(batches()).toEqual(["a", "b"]);
  });

  test.each([
    { enough: "64 messages", each: "x", count: 64 },
    { enough: "64 KiB", each: "x".repeat(32 * 1024), count: 2 },
  ])("goes at once where it is $enough", async ({ each, count }) => {
    const { addLingering, commits } = open({ maxBytes: 1024 * 1024 });
    addLingering("a");
    await pass(0);
    for (let added = 1; added < count; added++) addLingering(each);
    await pass(5);
    expect(commits).toHaveLength(1);
    addLingering(each);
    await pass(0);
    expect(commits.map(({ batch }) => batch.length)).toEqual([1, count]);
  });

  test("goes at once after a full batch", async () => {
    const { addLingering, batches } = open({ maxLines: 2 });
    addLingering("a", "b", "c");
    await pass(0);
    expect(batches()).toEqual(["ab", "c"]);
  });

  test("is drained all the same", async () => {
    const { queue, addLingering, commits } = open();
    addLingering("a");
    await pass(0);
    commits[0]?.resolve();
    addLingering("b");
    const drained = vi.fn();
    void queue.drained().then(drained);
    await pass(20);
    expect(drained).not.toHaveBeenCalled();
    commits[1]?.resolve();
    await pass(0);
    expect(drained).toHaveBeenCalled();
  });
});

test("lines are settled once their batch has committed, not before", async () => {
  const { queue, commits } = open();
  const [line] = lines("a");
  if (!line) throw new Error("a line");
  queue.add([line].values(), { bytes: 1 });
  await nextImmediate();
  expect(line.settle).not.toHaveBeenCalled();
  commits[0]?.resolve();
  await nextImmediate();
  expect(line.settle).toHaveBeenCalledTimes(1);
});

test("after an outage nothing is tried until it resumes, and the batch is handed over unsettled", async () => {
  const { protocol, add, commits, batches, stalled } = open();
  add("a");
  await nextImmediate();
  commits[0]?.reject(new Error("gone"));
  await nextImmediate();
  add("b");
  await nextImmediate();
  expect([batches(), stalled]).toEqual([["a"], ["a"]]);
  expect(commits[0]?.batch[0]?.settle).not.toHaveBeenCalled();
  recover(protocol, commits[0]?.batch);
  await nextImmediate();
  expect(batches()).toEqual(["a", "b"]);
});

test("what runs alone waits for what is in flight, and everything else waits for it", async () => {
  const { protocol, add, commits, batches } = open();
  add("a");
  await nextImmediate();
  protocol.report({ kind: "alone_wanted" });
  add("b");
  await nextImmediate();
  expect([mayTryAlone(protocol.state()), batches()]).toEqual([false, ["a"]]);
  commits[0]?.resolve();
  await nextImmediate();
  await nextImmediate();
  expect([mayTryAlone(protocol.state()), batches()]).toEqual([true, ["a"]]);
  protocol.report({ kind: "alone_started" });
  await nextImmediate();
  expect(batches()).toEqual(["a"]);
  protocol.report({ kind: "alone_ended" });
  await nextImmediate();
  expect(batches()).toEqual(["a", "b"]);
});

test("reports what is pending, in messages and in bytes", async () => {
  const { queue, commits } = open({ maxLines: 2 });
  const pending = (): [number, number] => [queue.pending().entries, queue.pending().bytes];
  for (const one of ["a", "bb", "ccc", "dddd", "eeeee", "ffffff", "g"])
    queue.add(lines(one).values(), { bytes: one.length });
  expect(pending()).toEqual([7, 22]);
  await nextImmediate();
  // The one whose last line ended a batch is not known to be empty yet.
  expect(pending()).toEqual([2, 7]);
  commits[0]?.resolve();
  await nextImmediate();
  expect(pending()).toEqual([0, 0]);
  queue.add(lines("a").values(), { bytes: 1 });
  queue.clear();
  expect(pending()).toEqual([0, 0]);
});

test("is drained when nothing is pending or in flight", async () => {
  const { queue, add, commits } = open();
  let drained = false;
  add("a");
  void queue.drained().then(() => {
    drained = true;
  });
  await nextImmediate();
  expect(drained).toBe(false);
  commits[0]?.resolve();
  await nextImmediate();
  expect(drained).toBe(true);
});

test("returns the spool rows among what it forgets", async () => {
  const { queue, add } = open();
  add("a");
  const [row] = lines("b").map((line) => ({ ...line, spoolId: 1 }));
  if (!row) throw new Error("a row");
  queue.add([row].values(), { bytes: 1 });
  expect(queue.clear()).toEqual([row]);
});

test("forgets pending lines when they are handed back", async () => {
  const { queue, protocol, add, batches } = open();
  protocol.report({ kind: "call_failed", lines: [], failure: gone });
  add("a", "b");
  queue.clear();
  recover(protocol);
  await nextImmediate();
  expect(batches()).toEqual([]);
});
