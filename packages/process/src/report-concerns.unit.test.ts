import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Concern, reportConcerns } from "./report-concerns.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const concern = (what: string, state: Concern["state"] = "problem"): Concern => ({ state, what, todo: "mend it" });

test("each concern is logged once, again when it has gone, and one that comes back again; a server away changes nothing", async () => {
  const lines: string[] = [];
  const write = (level: string) => (first: unknown, message?: unknown) =>
    void lines.push(`${level} ${String(message ?? first)}`);
  let found: () => Promise<Concern[]> = async () => [concern("fsync is off"), concern("no standby", "note")];
  const log = { info: write("info"), warn: write("warn") };
  reportConcerns({ about: "database", find: () => found(), log });
  const logged = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    return lines.splice(0);
  };
  expect(await logged(2_999)).toEqual([]);
  expect(await logged(1)).toEqual(["warn database: fsync is off", "info database: no standby"]);
  expect(await logged(600_000)).toEqual([]);
  found = () => Promise.reject(new Error("away"));
  expect(await logged(602_000)).toEqual([]);
  found = async () => [concern("no standby", "note")];
  expect(await logged(15_000)).toEqual(["info database: no longer: fsync is off"]);
  found = async () => [concern("fsync is off")];
  expect(await logged(600_000)).toEqual(["warn database: fsync is off", "info database: no longer: no standby"]);
});
