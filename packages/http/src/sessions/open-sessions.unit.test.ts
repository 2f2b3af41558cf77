import { describe, expect, test } from "vitest";
import { openSessions } from "./open-sessions.ts";

const SECRET = "s".repeat(32);
const pairOf = (setCookie: string) => setCookie.split(";", 1)[0] ?? "";
const signIn = (sessions: ReturnType<typeof openSessions>, origin = "http://h") =>
  pairOf(sessions.begin("the-key", { headers: { origin } }));

describe("openSessions", () => {
  test("a cookie stands for its key, on every instance with the same secret", () => {
    const cookie = signIn(openSessions(SECRET));
    expect(cookie).not.toContain("the-key");
    const asking = { method: "GET", host: "h", headers: { cookie: `a=b; ${cookie}; c=d` } };
    expect(openSessions(SECRET).authorizationOf(asking)).toBe("Bearer the-key");
    expect(openSessions("t".repeat(32)).authorizationOf(asking)).toBeUndefined();
    expect(openSessions(undefined).authorizationOf(asking)).toBeUndefined();
  });

  test("it ends after twelve hours", () => {
    let now = 0;
    const sessions = openSessions(SECRET, () => now);
    const asking = { method: "GET", host: "h", headers: { cookie: signIn(sessions) } };
    now = 12 * 3_600_000 - 1;
    expect(sessions.authorizationOf(asking)).toBe("Bearer the-key");
    now++;
    expect(sessions.authorizationOf(asking)).toBeUndefined();
  });

  test.each(["", "x", "AAAA", "A".repeat(200)])("a forged cookie %j is none", (value) => {
    const headers = { cookie: `pedidos_session=${value}` };
    expect(openSessions(SECRET).authorizationOf({ method: "GET", host: "h", headers })).toBeUndefined();
  });

  test("a cookie with one character changed is none", () => {
    const sessions = openSessions(SECRET);
    const cookie = signIn(sessions);
    const changed = cookie.slice(0, 40) + (cookie[40] === "A" ? "B" : "A") + cookie.slice(41);
    expect(sessions.authorizationOf({ method: "GET", host: "h", headers: { cookie: changed } })).toBeUndefined();
  });

  test("over https it is for HTTPS and this host alone; no script can read it, no other site has it sent", () => {
    const sessions = openSessions(SECRET);
    const secure = sessions.begin("k", { headers: { origin: "https://h" } });
    expect(secure).toMatch(/^__Host-pedidos_session=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/);
    expect(sessions.begin("k", { headers: { origin: "http://h" } })).toMatch(
      /^pedidos_session=.*Strict; Max-Age=43200$/,
    );
    expect(sessions.authorizationOf({ method: "GET", host: "h", headers: { cookie: pairOf(secure) } })).toBe(
      "Bearer k",
    );
  });

  test("what changes something counts only from the own page", () => {
    const sessions = openSessions(SECRET);
    const cookie = signIn(sessions);
    const ask = (headers: Record<string, string>) =>
      sessions.authorizationOf({ method: "POST", host: "h", headers: { cookie, ...headers } });
    expect(ask({ "sec-fetch-site": "same-origin" })).toBe("Bearer the-key");
    expect(ask({ origin: "http://h" })).toBe("Bearer the-key");
    for (const headers of [
      {},
      { "sec-fetch-site": "cross-site", origin: "http://h" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { origin: "http://evil" },
      { origin: "null" },
    ])
      expect([headers, ask(headers)]).toEqual([headers, undefined]);
  });
});
