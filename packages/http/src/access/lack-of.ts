import type { Scope } from "@pedidos/contract";
import type { Refusal } from "../server/answer.ts";
import type { Access } from "./open-access.ts";

/** → the refusal of a request with this Authorization header if it lacks the scope, else null. */
export function lackOf(access: Pick<Access, "check">, scope: Scope, authorization: string | undefined): Refusal | null {
  const verdict = access.check(scope, authorization);
  if (verdict === "allowed") return null;
  if (verdict === "unauthorized") {
    const detail = `A bearer key with the scope ${scope} is needed.`;
    return { kind: "unauthorized", detail, headers: { "www-authenticate": "Bearer" } };
  }
  const header = `Bearer error="insufficient_scope", scope="${scope}"`;
  return { kind: "forbidden", detail: `The key lacks the scope ${scope}.`, headers: { "www-authenticate": header } };
}
