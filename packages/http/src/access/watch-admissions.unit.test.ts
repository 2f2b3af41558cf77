import { hash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { get, type IncomingMessage, request } from "node:http";
import type { Scope } from "@pedidos/contract";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";
import type { ReadKeys } from "./read-keys.ts";
import { watchAdmissions } from "./watch-admissions.ts";

describe("watchAdmissions", () => {
  useSimulatedClock();

  test("ends within 60 s what is not admitted any more, and nothing else; then no timer is left", () => {
    const { watch } = watchAdmissions();
    const answers = [new EventEmitter(), new EventEmitter()];
    let isAdmitted = true;
    const [expiring, lasting] = answers.map((answer, index) => watch(() => index > 0 || isAdmitted, answer));
    vi.advanceTimersByTime(60_000);
    expect(expiring?.aborted).toBe(false);
    isAdmitted = false;
    vi.advanceTimersByTime(60_000);
    expect([expiring?.aborted, lasting?.aborted]).toEqual([true, false]);
    for (const answer of answers) answer.emit("close");
    expect(vi.getTimerCount()).toBe(0);
  });
});

const keyOf = (name: string, ...granted: readonly Scope[]) => ({
  name,
  digest: hash("sha256", name, "buffer"),
  scopes: new Set(granted),
});

async function setUp(anonymous: readonly Scope[] = []) {
  const keys = [keyOf("ana", "orders:read"), keyOf("ben", "orders:read", "orders:write")];
  let next: ReadKeys = { kind: "keys", keys };
  const never = Promise.withResolvers<void>();
  const api = await serveForTest({
    anonymous,
    keys,
    readKeys: () => next,
    store: {
      readTransactions: async () => ({ before: "2026-01-01T00:00:00Z", open: [] }),
      listChanges: async () => [],
      async *walkOrders() {
        yield [];
        await never.promise;
      },
    },
  });
  onTestFinished(api.close);
  const open = async (headers: Record<string, string>, path = "/v1/events") => {
    const reply = await new Promise<IncomingMessage>((resolve) =>
      get(api.url + path, { headers, agent: false }, resolve),
    );
    onTestFinished(() => void reply.destroy());
    expect(reply.statusCode).toBe(200);
    const state = { ended: false, broken: false };
    reply.on("end", () => {
      state.ended = true;
    });
    reply.on("error", () => {
      state.broken = true;
    });
    reply.resume();
    return state;
  };
  const replace = (changed: typeof keys) => {
    next = { kind: "keys", keys: changed };
    api.reload();
  };
  const own = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
  const signIn = async (key: string) => {
    const reply = await fetch(`${api.url}/v1/session`, { method: "POST", headers: own, body: JSON.stringify({ key }) });
    return { cookie: reply.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "" };
  };
  const signOut = (cookie: { cookie: string }) =>
    fetch(`${api.url}/v1/session`, { method: "DELETE", headers: { ...own, ...cookie } });
  return { open, replace, signIn, signOut, url: api.url, keys };
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test("a stream and an export end when their key is removed or loses the scope; those of other keys stay", async () => {
  const { open, replace, keys } = await setUp();
  const csv = { accept: "text/csv" };
  const ofAna = [await open(bearer("ana")), await open({ ...bearer("ana"), ...csv }, "/v1/orders")];
  const ofBen = [await open(bearer("ben")), await open({ ...bearer("ben"), ...csv }, "/v1/orders")];
  replace(keys.slice(1));
  await vi.waitFor(() =>
    expect(ofAna).toEqual([
      { ended: true, broken: false },
      { ended: false, broken: true },
    ]),
  );
  expect(ofBen).toEqual([
    { ended: false, broken: false },
    { ended: false, broken: false },
  ]);
  replace([keyOf("ben", "orders:write")]);
  await vi.waitFor(() =>
    expect(ofBen).toEqual([
      { ended: true, broken: false },
      { ended: false, broken: true },
    ]),
  );
});

test("a batch that is being sent ends with its key", async () => {
  const { replace, url, keys } = await setUp();
  const headers = { ...bearer("ben"), "content-type": "application/x-ndjson", expect: "100-continue" };
  const sending = request(`${url}/v1/orders/batch`, { method: "POST", headers, agent: false });
  const broken = once(sending, "response").catch(() => "broken");
  sending.flushHeaders();
  await once(sending, "continue");
  sending.write("\n");
  replace(keys.slice(0, 1));
  expect(await broken).toBe("broken");
});

test("signing out ends the cookie on the server, and the streams that it opened; another browser stays", async () => {
  const { open, signIn, signOut, url } = await setUp();
  const [left, stays] = [await signIn("ana"), await signIn("ana")];
  const [ofLeft, ofOther, ofKey] = [await open(left), await open(stays), await open(bearer("ana"))];
  expect((await signOut(left)).status).toBe(204);
  await vi.waitFor(() => expect(ofLeft.ended).toBe(true));
  expect((await fetch(`${url}/v1/orders`, { headers: left })).status).toBe(401);
  expect(await (await fetch(`${url}/v1/session`, { headers: left })).json()).toMatchObject({ name: null });
  expect([ofOther.ended, ofKey.ended]).toEqual([false, false]);
});

test("what needs no key goes on without it", async () => {
  const { open, replace } = await setUp(["orders:read"]);
  const stream = await open(bearer("ana"));
  replace([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream).toEqual({ ended: false, broken: false });
});
