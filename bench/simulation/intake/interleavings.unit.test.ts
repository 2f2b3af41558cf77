import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Scenario, simulateIntake } from "./simulate-intake.ts";
import type { Fate, Fault } from "./simulated-world.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Of each kind. `SIMULATIONS=5000` asks for more. */
const RUNS = Number(process.env.SIMULATIONS ?? (process.env.PROPERTY_RUNS === "long" ? 200 : 40));
const LAST_STEP = 60;

const AT_THE_BROKER = ["connection_lost", "blocked", "silent", "unbound", "terminate"] as const;
const AT_THE_DATABASE = ["database_away", "database_silent"] as const;

type Chances = {
  readonly faults: readonly Fault[];
  readonly publishes?: readonly Fate[];
  readonly commits?: readonly Fate[];
  readonly pauses?: readonly number[];
  readonly window?: number;
};
const NO_FATES = ["done"] as const;
const ALL_FATES = ["done", "fails", "done_untold"] as const;

function scenario({ faults, publishes = NO_FATES, commits = NO_FATES, pauses = [0], window = 2 }: Chances) {
  const fates = (of: readonly Fate[]) => fc.array(fc.constantFrom(...of), { maxLength: 12 });
  return fc.record({
    scheduler: fc.scheduler(),
    arrivals: fc.array(fc.tuple(fc.nat(LAST_STEP), fc.constantFrom(1, 1, 3, 40)), { minLength: 1, maxLength: 12 }),
    faults: fc.array(fc.tuple(fc.nat(LAST_STEP), fc.constantFrom(...faults)), { maxLength: 4 }),
    publishFates: fates(publishes),
    commitFates: fates(commits),
    pauses: fc.array(fc.constantFrom(...pauses), { maxLength: LAST_STEP }),
    window: fc.constant(window),
  });
}
const anything = scenario({
  faults: [...AT_THE_BROKER, ...AT_THE_DATABASE],
  publishes: ALL_FATES,
  commits: ALL_FATES,
  pauses: [0, 0, 0, 1, 5, 100, 600],
});
const brokerTrouble = scenario({ faults: AT_THE_BROKER, publishes: ALL_FATES });
const databaseTrouble = scenario({ faults: AT_THE_DATABASE, commits: ALL_FATES, window: 256 });

async function holds(scenarios: fc.Arbitrary<Scenario>, check: (one: Scenario) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(scenarios, check), { numRuns: RUNS, endOnFailure: true });
}

describe("for every order of steps, and any fault between two of them,", () => {
  test("each submission is answered once and in time, by what is durable, and no limit is exceeded", async () => {
    await holds(anything, async (one) => {
      const { answers, findings } = await simulateIntake(one);
      expect(findings).toEqual([]);
      expect(answers).toHaveLength(one.arrivals.length);
    });
  });

  test.each([
    ["broker", brokerTrouble],
    ["database", databaseTrouble],
  ])("trouble at the %s alone has nothing refused", async (_, trouble) => {
    await holds(trouble, async (one) => {
      const { answers, findings } = await simulateIntake(one);
      expect(findings).toEqual([]);
      expect(answers).toEqual(one.arrivals.map(() => "accepted"));
    });
  });

  test.each<[string, NonNullable<Scenario["spoil"]>, string]>([
    ["the connection is kept when a confirm is overdue", { keepsConnection: true }, "stored after it was given up"],
    [
      "a 202 without the confirm",
      {
        roads: ({ publish, ...roads }) => ({
          ...roads,
          publish: async (bodies) => {
            void publish?.(bodies);
            return "confirmed";
          },
        }),
      },
      "accepted, and nothing durable holds it",
    ],
    [
      "a 202 without the spool's commit",
      {
        roads: ({ spool, ...roads }) => ({
          ...roads,
          spool: async (bodies) => {
            void spool(bodies).catch(() => {});
          },
        }),
      },
      "accepted, and nothing durable holds it",
    ],
  ])("a missing safeguard is found: %s", async (_, spoil, finding) => {
    const unsafe = fc.asyncProperty(anything, async (one) => {
      const { findings } = await simulateIntake({ ...one, spoil });
      expect(findings.join("\n")).not.toContain(finding);
    });
    expect((await fc.check(unsafe, { numRuns: 500, endOnFailure: true })).failed).toBe(true);
  });
});
