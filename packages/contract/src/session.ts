import * as Type from "typebox";
import { nullable, oneOf, type Static } from "./fields.ts";

/** What a key, or anyone, may do; each route names the one it needs. */
export const scopes = [
  "orders:write",
  "orders:read",
  "rejections:manage",
  "operations:manage",
  "audit:read",
  "metrics:read",
  "legacy",
] as const;
export type Scope = (typeof scopes)[number];

/** The name of a key: it is written into logs and the audit, and told apart there by eye. */
export const KEY_NAME = /^(?!\s)[^\p{C}\p{Zl}\p{Zp}]{1,100}(?<!\s)$/u;

export const Session = Type.Object(
  {
    name: nullable(Type.String({ description: "The key's." })),
    scopes: Type.Array(oneOf(scopes), { description: "Those that need no key are among them." }),
    hasKeys: Type.Boolean({ description: "Whether there is a key to sign in with." }),
  },
  { $id: "Session", examples: [{ name: "ana", scopes: ["orders:read", "rejections:manage"], hasKeys: true }] },
);
export type Session = Static<typeof Session>;
