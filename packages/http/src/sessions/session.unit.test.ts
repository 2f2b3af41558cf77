import { hash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closing.map((close) => close()))));

const SAME = { "sec-fetch-site": "same-origin", "content-type": "application/json" };

async function setUp() {
  const keys = [
    { name: "ana", digest: hash("sha256", "secret", "buffer"), scopes: new Set(["rejections:manage" as const]) },
  ];
  const discarded: unknown[] = [];
  const api = await serveForTest({
    anonymous: ["orders:read"],
    keys,
    store: {
      discardRejection: async (...given) => {
        discarded.push(given);
        return "discarded";
      },
    },
  });
  closing.push(api.close);
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body: string | null = null) =>
    fetch(api.url + path, { method, headers, body });
  const signIn = (key: string, headers: Record<string, string> = SAME) =>
    ask("POST", "/v1/session", headers, JSON.stringify({ key }));
  return { ask, signIn, discarded };
}
const cookieOf = (reply: Response) => reply.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";

test("a caller sees the scopes open to all; signed in, also those of the key", async () => {
  const { ask, signIn } = await setUp();
  expect(await (await ask("GET", "/v1/session")).json()).toEqual({
    name: null,
    scopes: ["orders:read"],
    hasKeys: true,
  });
  const signedIn = await signIn("secret");
  expect(signedIn.status).toBe(204);
  expect(signedIn.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Strict/);
  const cookie = cookieOf(signedIn);
  expect(await (await ask("GET", "/v1/session", { cookie })).json()).toEqual({
    name: "ana",
    scopes: ["orders:read", "rejections:manage"],
    hasKeys: true,
  });
});

test("a cookie does what its key may, by the key's name, and only from the own page", async () => {
  const { ask, signIn, discarded } = await setUp();
  const cookie = cookieOf(await signIn("secret"));
  const path = "/v1/rejections/7/discard";
  expect((await ask("POST", path, { cookie })).status).toBe(401);
  expect((await ask("POST", path, { cookie, "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect(discarded).toEqual([]);
  expect((await ask("POST", path, { cookie, "sec-fetch-site": "same-origin" })).status).toBe(204);
  expect(discarded).toMatchObject([[7, { actor: "ana" }]]);
});

test("signing out takes the cookie away", async () => {
  const { ask } = await setUp();
  const out = await ask("DELETE", "/v1/session", SAME);
  expect(out.status).toBe(204);
  for (const cookie of out.headers.getSetCookie()) expect(cookie).toContain("Max-Age=0");
  expect((await ask("DELETE", "/v1/session")).status).toBe(403);
});

test("an unknown key, a bad body, another page: refused, without a cookie", async () => {
  const { ask, signIn } = await setUp();
  const refused = [
    [await signIn("other"), 401],
    [await signIn("with space"), 400],
    [await signIn("secret", { "content-type": "application/json" }), 403],
    [await signIn("secret", { ...SAME, "sec-fetch-site": "same-site" }), 403],
    [await ask("POST", "/v1/session", SAME, "{"), 400],
    [await ask("POST", "/v1/session", SAME, `{"key":"${"x".repeat(9_000)}"}`), 413],
    [await ask("POST", "/v1/session", { "sec-fetch-site": "same-origin" }, "x"), 415],
  ] as const;
  for (const [reply, status] of refused) expect([reply.status, reply.headers.getSetCookie()]).toEqual([status, []]);
});
