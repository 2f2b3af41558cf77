import { describe, expect, test } from "vitest";
import { openSessions } from "./open-sessions.ts";

const SECRET = "s".repeat(32);
const pairOf = (setCookie: string) => setCookie.split(";", 1)[0] ?? "";
const signIn = (sessions: ReturnType<typeof openSessions>, origin = "http://h") =>
  pairOf(sessions.begin("the-key", { headers: { origin }, protocol: "http" }));

describe("openSessions", () => {
  test("a cookie stands for its key, on every instance with the same secret", () => {
    const cookie = signIn(openSessions(SECRET));
    expect(cookie).not.toContain("the-key");
    const asking = { method: "GET", host: "h", protocol: "http", headers: { cookie: `a=b; ${cookie}; c=d` } };
    expect(openSessions(SECRET).sessionOf(asking)?.authorization).toBe("Bearer the-key");
    expect(openSessions("t".repeat(32)).sessionOf(asking)?.authorization).toBeUndefined();
    expect(openSessions(undefined).sessionOf(asking)?.authorization).toBeUndefined();
  });

  test("it ends after twelve hours", () => {
    let now = 0;
    const sessions = openSessions(SECRET, () => now);
    const asking = { method: "GET", host: "h", protocol: "http", headers: { cookie: signIn(sessions) } };
    now = 12 * 3_600_000 - 1;
    expect(sessions.sessionOf(asking)?.authorization).toBe("Bearer the-key");
    now++;
    expect(sessions.sessionOf(asking)?.authorization).toBeUndefined();
  });

  test.each(["", "x", "AAAA", "A".repeat(200)])("a forged cookie %j is none", (value) => {
    const headers = { cookie: `pedidos_session=${value}` };
    expect(
      openSessions(SECRET).sessionOf({ method: "GET", host: "h", protocol: "http", headers })?.authorization,
    ).toBeUndefined();
  });

  test("a cookie with one character changed is none", () => {
    const sessions = openSessions(SECRET);
    const cookie = signIn(sessions);
    const changed = cookie.slice(0, 40) + (cookie[40] === "A" ? "B" : "A") + cookie.slice(41);
    expect(
      sessions.sessionOf({ method: "GET", host: "h", protocol: "http", headers: { cookie: changed } })?.authorization,
    ).toBeUndefined();
  });

  test("over https it is for HTTPS and this host alone; no script can read it, no other site has it sent", () => {
    const sessions = openSessions(SECRET);
    const secure = sessions.begin("k", { headers: { origin: "https://h" }, protocol: "http" });
    expect(secure).toMatch(/^__Host-pedidos_session=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/);
    expect(sessions.begin("k", { headers: { origin: "http://h" }, protocol: "http" })).toMatch(
      /^pedidos_session=.*Strict; Max-Age=43200$/,
    );
    expect(
      sessions.sessionOf({ method: "GET", host: "h", protocol: "http", headers: { cookie: pairOf(secure) } })
        ?.authorization,
    ).toBe("Bearer k");
  });

  test("what changes something counts only from the own page", () => {
    const sessions = openSessions(SECRET);
    const cookie = signIn(sessions);
    const ask = (headers: Record<string, string>) =>
      sessions.sessionOf({ method: "POST", host: "h", protocol: "http", headers: { cookie, ...headers } })
        ?.authorization;
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

  test("a cookie counts under its own name alone; where TLS is certain, only under the one that needs it", () => {
    const sessions = openSessions(SECRET);
    const [, plain = ""] = signIn(sessions).split("=");
    const [, secure = ""] = signIn(sessions, "https://h").split("=");
    const counts = (cookie: string, protocol = "http") =>
      sessions.sessionOf({ method: "GET", host: "h", protocol, headers: { cookie } }) !== undefined;
    expect([counts(`pedidos_session=${plain}`), counts(`__Host-pedidos_session=${secure}`)]).toEqual([true, true]);
    expect([counts(`pedidos_session=${secure}`), counts(`__Host-pedidos_session=${plain}`)]).toEqual([false, false]);
    expect(counts(`pedidos_session=${plain}`, "https")).toBe(false);
    expect(counts(`__Host-pedidos_session=${secure}`, "https")).toBe(true);
    expect(sessions.begin("k", { headers: {}, protocol: "https" })).toMatch(/^__Host-.*; Secure$/);
  });

  test("signed out, a cookie that was kept counts no more; others do", () => {
    const sessions = openSessions(SECRET);
    const askWith = (cookie: string) => ({ method: "GET", host: "h", protocol: "http", headers: { cookie } });
    const [kept, other] = [signIn(sessions), signIn(sessions)];
    sessions.end(askWith(kept));
    expect([sessions.sessionOf(askWith(kept)), sessions.sessionOf(askWith(other))]).toEqual([
      undefined,
      expect.anything(),
    ]);
  });

  test("what is signed out is remembered until it expires, and bounded: beyond, older sessions end too", () => {
    let now = 0;
    const sessions = openSessions(SECRET, () => now);
    const askWith = (cookie: string) => ({ method: "GET", host: "h", protocol: "http", headers: { cookie } });
    const first = signIn(sessions);
    now = 1;
    const later = signIn(sessions);
    sessions.end(askWith(first));
    for (let n = 0; n < 10_000; n++) {
      expect(sessions.sessionOf(askWith(first))).toBeUndefined();
      sessions.end(askWith(signIn(sessions)));
    }
    expect(sessions.sessionOf(askWith(first))).toBeUndefined();
    expect(sessions.sessionOf(askWith(later))).toBeDefined();
  });
});
