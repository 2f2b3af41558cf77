import { Session } from "@pedidos/contract";
import { readJson } from "@pedidos/domain";
import * as Type from "typebox";
import type { BadKey } from "../access/limit-failures.ts";
import type { Access } from "../access/open-access.ts";
import { siteOf } from "../access/site-of.ts";
import { json, route } from "../route.ts";
import { refuseFailure } from "../server/admit-requests.ts";
import { answer, isRefusal, JSON_TYPE, refusal, refuse } from "../server/answer.ts";
import { collectJson } from "../server/collect-body.ts";

const SignIn = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 1_000, pattern: "^[\\x21-\\x7e]+$" }) },
  { examples: [{ key: "a-bearer-key" }] },
);
const BODY_LIMITS = { maxBytes: 8 * 1024, timeoutMs: 10_000 };
const UNKNOWN: BadKey = { reason: "unknown" };
const FOREIGN = refusal("forbidden", "Only a page of this very host may sign a browser in or out.");

/** `GET /v1/session`: what this request may do. */
export function readSession(access: Pick<Access, "nameOf" | "scopesOf" | "hasKeys" | "identify" | "failures">) {
  const { nameOf, scopesOf, hasKeys } = access;
  return route("GET", "/v1/session", {
    scope: null,
    operationId: "readSession",
    summary: "Report what this request may do",
    description: "The scopes of the key that was sent, or of the cookie's, and those that are open to anyone.",
    tags: ["Session"],
    response: { 200: json("With the key that was sent, or the cookie's, or without one.", Session) },
    refusals: [429],
    handle(request, reply, answerJson) {
      const refused = refuseFailure(access, request);
      if (refused !== null) return refuse(reply, refused);
      const { authorization } = request.headers;
      return answerJson(reply.header("cache-control", "no-store"), 200, {
        name: nameOf(authorization) ?? null,
        scopes: [...scopesOf(authorization)],
        hasKeys: hasKeys(),
      });
    },
  });
}

/** `POST /v1/session` signs a browser in with a cookie that stands for the key for twelve hours. */
export function beginSession({ identify, sessions, failures }: Pick<Access, "identify" | "sessions" | "failures">) {
  return route("POST", "/v1/session", {
    scope: null,
    operationId: "beginSession",
    summary: "Sign a browser in with a key",
    description:
      "For the page at `/`: an EventSource and a download can send no bearer. The cookie is HttpOnly and SameSite=Strict; what changes something counts with it only from a page of this host.",
    tags: ["Session"],
    body: { content: { "application/json": { schema: SignIn } } },
    response: { 204: { description: "Signed in." } },
    refusals: [400, 401, 403, 408, 413, 415, 429],
    async handle(request, reply) {
      if (siteOf(request) !== "own") return refuse(reply, FOREIGN);
      const refused = failures.refuse("sign-in", request);
      if (refused !== null) return refuse(reply, refused);
      const bytes = await collectJson(reply, BODY_LIMITS);
      if (isRefusal(bytes)) return refuse(reply, bytes);
      const key = keyIn(bytes);
      if (key === undefined)
        return refuse(reply, refusal("invalid_parameter", 'The body must be {"key": "…"}, a bearer key.'));
      const found = identify(`Bearer ${key}`) ?? UNKNOWN;
      if ("reason" in found) {
        const detail = found.reason === "expired" ? "The key has expired." : "There is no such key.";
        return refuse(reply, failures.fail("sign-in", request, found) ?? refusal("unauthorized", detail));
      }
      reply.header("set-cookie", sessions.begin(key, request)).header("cache-control", "no-store");
      return answer(reply, 204, JSON_TYPE, "");
    },
  });
}

/** `DELETE /v1/session` signs it out. */
export function endSession({ sessions, admissions }: Pick<Access, "sessions" | "admissions">) {
  return route("DELETE", "/v1/session", {
    scope: null,
    operationId: "endSession",
    summary: "Sign a browser out",
    description: "Has the browser forget its cookie. Only a page of this host may ask for it.",
    tags: ["Session"],
    response: { 204: { description: "Signed out." } },
    refusals: [403],
    handle(request, reply) {
      if (siteOf(request) !== "own") return refuse(reply, FOREIGN);
      const cookies = sessions.end(request);
      admissions.check();
      reply.header("set-cookie", cookies).header("cache-control", "no-store");
      return answer(reply, 204, JSON_TYPE, "");
    },
  });
}

/** → the key in a body; undefined if there is none, or one that fits in no header. */
function keyIn(bytes: Buffer): string | undefined {
  const read = readJson(bytes);
  if (read.kind === "not_json" || typeof read.value !== "object" || read.value === null) return undefined;
  const key: unknown = Reflect.get(read.value, "key");
  return typeof key === "string" && /^[\x21-\x7e]{1,1000}$/.test(key) ? key : undefined;
}
