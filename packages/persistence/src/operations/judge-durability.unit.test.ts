import { expect, test } from "vitest";
import { judgeDurability } from "./judge-durability.ts";
import type { DurabilityFacts } from "./read-durability.ts";

const sound: DurabilityFacts = {
  fsync: true,
  fullPageWrites: true,
  synchronousCommit: "on",
  synchronousStandbyNames: "ANY 1 (a, b)",
  synchronousStandbys: 1,
  holds: [],
  unfrozen: 190_000_000,
  seesOthers: true,
  newestAheadMs: -10,
};
const since = "2026-11-30T01:00:00Z";

test("a sound database gives no concern", () => {
  expect(judgeDurability(sound)).toEqual([]);
  expect(judgeDurability({ ...sound, synchronousCommit: "remote_apply", newestAheadMs: null })).toEqual([]);
  expect(judgeDurability({ ...sound, seesOthers: false, synchronousStandbys: null })).toEqual([]);
});

test.each<[Partial<DurabilityFacts>, "note" | "problem", RegExp, RegExp]>([
  [{ fsync: false }, "problem", /^fsync is off/, /fsync = on/],
  [{ fullPageWrites: false }, "problem", /^full_page_writes is off/, /full_page_writes = on/],
  [{ synchronousCommit: "remote_write" }, "note", /^synchronous_commit is remote_write/, /Reset/],
  [{ synchronousStandbyNames: "" }, "note", /a commit is on one machine/, /synchronous_standby_names/],
  [{ synchronousStandbys: 0 }, "problem", /none is connected/, /synchronous_standby_names/],
  [
    { holds: [{ kind: "transaction", name: "psql of ana", pid: 7, since }] },
    "problem",
    /ana .*7.*2026/,
    /backend\(7\)/,
  ],
  [{ holds: [{ kind: "prepared", name: "x1", since }] }, "problem", /"x1"/, /rollback prepared/],
  [{ holds: [{ kind: "slot", name: "old", isActive: false }] }, "problem", /nobody uses .*"old"/, /drop/],
  [{ holds: [{ kind: "slot", name: "slow", isActive: true }] }, "problem", /"slow" is far behind/, /standby/],
  [{ unfrozen: 1_500_000_000 }, "problem", /vacuum is far behind/, /vacuumdb/],
  [{ newestAheadMs: 20_000 }, "problem", /ahead of the database's clock/, /NTP/],
])("of %j it says %s, what, and what to do", (difference, state, what, todo) => {
  expect(judgeDurability({ ...sound, ...difference })).toEqual([
    { state, what: expect.stringMatching(what), todo: expect.stringMatching(todo) },
  ]);
});
