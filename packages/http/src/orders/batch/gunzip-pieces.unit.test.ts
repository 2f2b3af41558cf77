import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { gunzipPieces } from "./gunzip-pieces.ts";
import type { EndOfReading } from "./read-steadily.ts";

/** → what comes of the pieces, and how it ended. */
async function inflate(bytes: Buffer, end: EndOfReading = "end", pieceBytes = 10) {
  const state = { isReturned: false };
  async function* pieces(): AsyncGenerator<Buffer, EndOfReading> {
    try {
      for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
      return end;
    } finally {
      state.isReturned = true;
    }
  }
  const inflated: Buffer[] = [];
  const found = gunzipPieces(pieces());
  for (;;) {
    const { done, value } = await found.next();
    if (done) {
      await vi.waitFor(() => expect(state.isReturned).toBe(true), 10_000);
      return { text: Buffer.concat(inflated).toString(), end: value };
    }
    inflated.push(value);
  }
}

const text = Array.from({ length: 2_000 }, (_, n) => `{"orderId":${n}}`).join("\n");

test("all of it comes, of several members too", async () => {
  expect(await inflate(gzipSync(text))).toMatchObject({ text, end: "end" });
  const two = Buffer.concat([gzipSync("one\n"), gzipSync("two\n")]);
  for (const pieceBytes of [1, 7, 1_000])
    expect(await inflate(two, "end", pieceBytes)).toMatchObject({ text: "one\ntwo\n", end: "end" });
  expect(await inflate(gzipSync(""))).toMatchObject({ text: "", end: "end" });
});

test("what is damaged ends as that, and what came before it has come", async () => {
  const whole = gzipSync(text);
  const changed = Buffer.from(whole);
  changed.fill(0, 3_000, 3_100);
  const badSum = Buffer.from(whole);
  badSum.fill(0, whole.length - 8);
  for (const bytes of [changed, badSum, whole.subarray(0, -1), Buffer.concat([whole, Buffer.from("rubbish")])])
    expect(await inflate(bytes)).toMatchObject({ end: "damaged" });
  for (const bytes of [Buffer.from(text), Buffer.alloc(0)])
    expect(await inflate(bytes)).toMatchObject({ text: "", end: "damaged" });
  expect((await inflate(whole.subarray(0, -1))).text).toBe(text);
});

test("why reading ended goes before the damage that it made", async () => {
  const half = gzipSync(text).subarray(0, 1_000);
  for (const end of ["gone", "too_slow", "stopped"] as const) expect((await inflate(half, end)).end).toBe(end);
});

test("a little that inflates to much ends early", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const { text: inflated, end } = await inflate(bomb, "end", 4_096);
  expect(end).toBe("too_dense");
  expect(inflated.length).toBeLessThan(10 * 1024 * 1024);
});

test("who takes no more ends the reading", async () => {
  let isReturned = false;
  async function* pieces(): AsyncGenerator<Buffer, EndOfReading> {
    try {
      const bytes = gzipSync(Buffer.alloc(100_000));
      for (;;) yield bytes;
    } finally {
      isReturned = true;
    }
  }
  const found = gunzipPieces(pieces());
  await found.next();
  await found.return("stopped");
  await vi.waitFor(() => expect(isReturned).toBe(true), 10_000);
});
