import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openIntake } from "./open-intake.ts";

const log = { info: () => {}, warn: () => {} };
const orders = [{ body: new TextEncoder().encode("an order"), source: "http" }] as const;
const never = () => new Promise<never>(() => {});

describe("openIntake", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("a confirm is enough, the spool is not asked", async () => {
    const spool = vi.fn(async () => {});
    const { accept } = openIntake({ publish: async () => "confirmed", spool }, log);
    expect(await accept(orders)).toBe("accepted");
    expect(spool).not.toHaveBeenCalled();
  });

  test.each(["refused", "unroutable", "unavailable"] as const)(
    "%s: the same bytes go to the spool",
    async (outcome) => {
      const spool = vi.fn(async () => {});
      const { accept } = openIntake({ publish: async () => outcome, spool }, log);
      expect(await accept(orders)).toBe("accepted");
      expect(spool).toHaveBeenCalledExactlyOnceWith(orders);
    },
  );

  test("without a broker the spool is the only road", async () => {
    const spool = vi.fn(async () => {});
    expect(await openIntake({ spool }, log).accept(orders)).toBe("accepted");
    expect(spool).toHaveBeenCalledOnce();
  });

  test("with both away it is unavailable", async () => {
    const spool = () => Promise.reject(new Error("away"));
    expect(await openIntake({ publish: async () => "unavailable", spool }, log).accept(orders)).toBe("unavailable");
    expect(await openIntake({ publish: () => Promise.reject(new Error("bug")), spool }, log).accept(orders)).toBe(
      "unavailable",
    );
  });

  test("with both silent it is unavailable within 2 s, also for those who came second", async () => {
    const { accept } = openIntake({ publish: never, spool: never }, log);
    const settled: number[] = [];
    const start = performance.now();
    for (let i = 0; i < 200; i++) {
      accept(orders).then((outcome) => {
        expect(outcome).toBe("unavailable");
        settled.push(performance.now() - start);
      });
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(5_000);
    expect(settled).toHaveLength(200);
    expect(Math.max(...settled)).toBeLessThan(200 + 1_900);
  });
});
