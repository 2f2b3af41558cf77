import type { SpooledBody } from "@pedidos/persistence";
import { describe, expect, test, vi } from "vitest";
import type { Line, Lines } from "../lines/line.ts";
import { openProtocol } from "../protocol/open-protocol.ts";
import { awaitCapacity, spoolAndRecord } from "./spool-and-record.ts";

const row = (body: string) => ({ source: "http" as const, body: Buffer.from(body) });

function open({ entries = 0, bytes = 0, isDrained = true, active = false, isPaused = false } = {}) {
  const added: Line[] = [];
  const calls: string[] = [];
  const add = (lines: Lines) => {
    for (let next = lines.next(); !next.done; next = lines.next()) added.push(next.value);
  };
  const protocol = openProtocol();
  protocol.report({ kind: "pause_read", isPaused });
  const failure = { kind: "back_off", code: "25006", isPerOrder: false } as const;
  if (active) protocol.report({ kind: "call_failed", lines: [], failure });
  const deps = {
    store: {
      spool: vi.fn(async () => void calls.push("spooled")),
      spoolClaimed: vi.fn(async (rows: readonly SpooledBody[]) =>
        rows.map(({ source, body }, index) => ({
          spoolId: index + 7,
          source,
          body: Buffer.from(body),
          tries: 1,
          queuedAt: 1,
        })),
      ),
    },
    queue: { add, pending: () => ({ entries, bytes }), below: vi.fn(() => Promise.withResolvers<void>().promise) },
    spoolLoop: { wake: () => void calls.push("woken"), isDrained: () => isDrained },
    protocol,
  };
  return { deps, added, calls };
}

test("where nothing is pending, orders go on from memory once they are in the spool, claimed", async () => {
  const { deps, added, calls } = open();
  await spoolAndRecord(deps, [row("a"), row("b")]);
  expect(added.map(({ body, spoolId, tries }) => [String(body), spoolId, tries])).toEqual([
    ["a", 7, 1],
    ["b", 8, 1],
  ]);
  expect(calls).toEqual([]);
});

describe("they wait for the loop, which is woken before and after,", () => {
  const reasons: [string, Parameters<typeof open>[0]][] = [
    ["where others are pending in the spool", { isDrained: false }],
    ["where too many are pending in memory", { entries: 2_000 }],
    ["where too much is pending in memory", { bytes: 16 * 1024 * 1024 }],
    ["while the database is away", { active: true }],
    ["while consuming is paused", { isPaused: true }],
  ];
  test.each(reasons)("%s", async (_, given) => {
    const { deps, added, calls } = open(given);
    await spoolAndRecord(deps, [row("a")]);
    expect(calls).toEqual(["woken", "spooled", "woken"]);
    expect(added).toEqual([]);
    expect(deps.store.spoolClaimed).not.toHaveBeenCalled();
  });
});

test("what could not be spooled is not recorded, and fails", async () => {
  const { deps, added } = open();
  deps.store.spoolClaimed.mockRejectedValue(new Error("gone"));
  await expect(spoolAndRecord(deps, [row("a")])).rejects.toThrow("gone");
  expect(added).toEqual([]);
});

describe("capacity for more", () => {
  test("is there while little is pending, and where orders would not go on from memory", async () => {
    for (const given of [{ entries: 999 }, { entries: 1_000, active: true }, { entries: 1_000, isDrained: false }]) {
      const { deps } = open(given);
      await awaitCapacity(deps);
      expect(deps.queue.below).not.toHaveBeenCalled();
    }
  });

  test("comes when less is pending, or after a moment", async () => {
    const { deps } = open({ entries: 1_000 });
    const began = performance.now();
    await awaitCapacity(deps);
    expect(performance.now() - began).toBeGreaterThan(150);
    deps.queue.below.mockResolvedValue();
    await awaitCapacity(deps);
    expect(deps.queue.below).toHaveBeenCalledTimes(2);
    expect(deps.queue.below).toHaveBeenCalledWith(1_000);
  });
});
