import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Scenario, simulate } from "./simulate.ts";
import type { Fate, Fault, World } from "./simulated-world.ts";

useSimulatedClock();

/** Of each kind. `SIMULATIONS=5000` asks for more. */
const RUNS = Number(process.env.SIMULATIONS ?? (process.env.PROPERTY_RUNS === "long" ? 40 : 10));

const order = (orderId: number, product = "pen", quantity = 1) =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"${product}","quantity":${quantity},"unitPrice":1}]}`;
const BAD = '{"orderId":"bad"}';

/** Seven orders, one of them twice and one with another content; one that is bad, in messages and in the spool. */
const plain = {
  messages: [[order(1)], [order(2), order(3), BAD], [order(1)], [order(4, "pen", 2)]],
  spooled: [order(5), order(4), order(6)],
};
const fault = fc.constantFrom<Fault>(
  "kill",
  "terminate",
  "database_away",
  "channel_lost",
  "paused",
  "refusing",
  "queue_full",
);
const fate = fc.constantFrom<Fate>("fails", "done_untold", "answered");
const scenario = (
  most: { readonly faults: number; readonly fates: number },
  what: Pick<Scenario, "messages" | "spooled">,
) =>
  fc.record({
    scheduler: fc.scheduler(),
    faults: fc.array(fc.tuple(fc.nat(60), fault), { maxLength: most.faults }),
    fates: fc.array(fc.tuple(fc.nat(60), fate), { maxLength: most.fates }),
    messages: fc.constant(what.messages),
    spooled: fc.constant(what.spooled),
  });

/** What always holds. */
function expectSound(world: World, { messages, spooled }: Pick<Scenario, "messages" | "spooled">): void {
  expect(world.findings).toEqual([]);
  const sent = [...new Set([...messages.flat(), ...spooled])];
  const kept = [...world.orders.values(), ...world.rejections.keys()];
  expect(kept.toSorted()).toEqual(sent.toSorted());
  const events = [
    ...[...world.orders.keys()].map((orderId) => `order.recorded:${orderId}`),
    ...[...world.rejections.values()].map(({ rejectionId }) => `order.rejected:${rejectionId}`),
  ];
  expect([...world.heard].toSorted()).toEqual(events.toSorted());
  expect([...world.heardByFull].toSorted()).toEqual(events.toSorted());
}
const reasonsOf = ({ rejections }: World) =>
  Object.fromEntries(Array.from(rejections, ([text, { reason }]) => [text, reason]));

describe("for every order of steps, and any fault between two of them,", () => {
  test("each line is recorded or rejected once, acknowledged after that, and announced after its commit", async () => {
    await fc.assert(
      fc.asyncProperty(scenario({ faults: 3, fates: 3 }, plain), async (one) => {
        const world = await simulate(one);
        expectSound(world, plain);
        expect(Object.values(reasonsOf(world)).toSorted()).toEqual(["invalid_order", "order_conflict"]);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  test("what ends the process ends as poison after four tries, and nothing else does", async () => {
    const killers = [order(90, "killer"), order(91, "killer")];
    const what = {
      messages: [[order(1)], [order(2), killers[0] ?? "", order(3)]],
      spooled: [order(4), killers[1] ?? "", order(5)],
    };
    await fc.assert(
      fc.asyncProperty(scenario({ faults: 1, fates: 1 }, what), async (one) => {
        const world = await simulate(one);
        expectSound(world, what);
        expect(reasonsOf(world)).toEqual(Object.fromEntries(killers.map((killer) => [killer, "poison"])));
        for (const [killer, kills] of world.kills)
          expect(kills).toBeLessThanOrEqual(4 * Math.max(1, world.copies.get(killer) ?? 0));
      }),
      { numRuns: RUNS / 5, endOnFailure: true },
    );
  });

  test("what the database refuses is rejected, and nothing else of its batch is", async () => {
    const refused = order(80, "refused");
    const what = { messages: [[order(1), order(2), refused, order(3)]], spooled: [order(4)] };
    await fc.assert(
      fc.asyncProperty(scenario({ faults: 2, fates: 2 }, what), async (one) => {
        const world = await simulate(one);
        expectSound(world, what);
        expect(reasonsOf(world)).toEqual({ [refused]: "invalid_order" });
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  test("what the database refuses for a while, as it records others, is recorded at last, and nothing is rejected", async () => {
    const held = [order(70, "held"), order(71, "held")];
    const what = { messages: [[order(1)], [order(2), held[0] ?? "", order(3)]], spooled: [order(4), held[1] ?? ""] };
    await fc.assert(
      fc.asyncProperty(scenario({ faults: 2, fates: 2 }, what), async (one) => {
        const world = await simulate(one);
        expectSound(world, what);
        expect(reasonsOf(world)).toEqual({});
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  const good = { messages: [[order(1)], [order(2), order(3)]], spooled: [order(4), order(5)] };
  const refusing = fc.record({
    scheduler: fc.scheduler(),
    faults: fc.tuple(
      fc.tuple(fc.nat(20), fc.constantFrom<Fault>("refusing", "refusing_unseen")),
      fc.tuple(fc.nat(60), fault),
    ),
    fates: fc.array(fc.tuple(fc.nat(60), fate), { maxLength: 2 }),
    messages: fc.constant(good.messages),
    spooled: fc.constant(good.spooled),
  });
  async function rejectsNothing(one: Scenario): Promise<void> {
    const world = await simulate(one);
    expectSound(world, good);
    expect(reasonsOf(world)).toEqual({});
  }

  test("a database that answers with errors rejects no good order, with any probe and any number of tries", async () => {
    await fc.assert(fc.asyncProperty(refusing, rejectsNothing), { numRuns: RUNS, endOnFailure: true });
  });

  test("a missing safeguard is found: what the database answers counts as a try", async () => {
    const unsafe = fc.asyncProperty(refusing, (one) => rejectsNothing({ ...one, rules: { doAnswersCount: true } }));
    expect((await fc.check(unsafe, { numRuns: 400, endOnFailure: true })).failed).toBe(true);
  });

  test.each<[string, NonNullable<Scenario["spoil"]>]>([
    ["a redelivery is acknowledged before it is in the spool", (store) => ({ ...store, spool: async () => {} })],
    [
      "the outbox row goes before its announcement is confirmed",
      (store) => ({
        ...store,
        async record(...batch) {
          const recorded = await store.record(...batch);
          await store.deleteAnnounced(recorded.announcement.outboxIds);
          return recorded;
        },
      }),
    ],
    [
      "the sweep deletes what it has not announced",
      (store) => ({ ...store, sweep: (rows) => store.sweep(rows, async () => "announced") }),
    ],
    ["nothing is swept", (store) => ({ ...store, sweep: async () => [] })],
    [
      "what a full queue refuses counts as announced",
      (store) => ({ ...store, postponeRefused: (outboxIds) => store.deleteAnnounced(outboxIds) }),
    ],
    [
      "a refused event is attempted once more and then never again",
      (store) => ({
        ...store,
        sweep: async (rows, announce) => (rows.of === "due" ? [] : await store.sweep(rows, announce)),
      }),
    ],
  ])(
    "a missing safeguard is found: %s",
    async (_, spoil) => {
      const unsafe = fc.asyncProperty(scenario({ faults: 3, fates: 3 }, plain), async (one) => {
        expectSound(await simulate({ ...one, spoil }), plain);
      });
      expect((await fc.check(unsafe, { numRuns: 400, endOnFailure: true })).failed).toBe(true);
    },
    120_000,
  );
});
