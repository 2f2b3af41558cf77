// Ours, not `@fastify/secure-session`: that needs a native addon (sodium), which the bundle of one file can't hold, and
// decorates every request. See docs/decisions/0014.
import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { type Sent, siteOf } from "../access/site-of.ts";

/** The part of a request that decides whether its cookie counts. */
export type Asking = Sent & { readonly method: string };

const LASTS_SECONDS = 12 * 60 * 60;
/** Browsers accept the second name over HTTPS only, and for this host alone. */
const [PLAIN, SECURE] = ["pedidos_session", "__Host-pedidos_session"] as const;
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";
const SAFE: readonly unknown[] = ["GET", "HEAD"];
const [IV_BYTES, TAG_BYTES] = [12, 16];

/**
 * Opens the sessions of browsers, which can't send a bearer key with a stream or a download. The cookie holds the key and its
 * expiry, encrypted (AES-256-GCM); the server stores nothing, and a key that is revoked counts no more.
 *
 * @param secret the same on every instance; without it, sessions end with this process
 */
export function openSessions(secret: string | undefined, now = Date.now) {
  const sealingKey = secret === undefined ? randomBytes(32) : hash("sha256", `pedidos session ${secret}`, "buffer");

  function seal(key: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", sealingKey, iv);
    const text = `${now() + LASTS_SECONDS * 1_000} ${key}`;
    return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
  }

  /** → the key; undefined if another secret sealed it, or it has expired. */
  function open(sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", sealingKey, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString();
      const [endsAt = "", key] = text.split(" ");
      return Number(endsAt) > now() ? key : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    /** → the Set-Cookie header that signs the browser of this request in with a key. */
    begin(key: string, { headers }: Pick<Asking, "headers">): string {
      const isSecure = headers.origin?.startsWith("https:") === true;
      const [name, secure] = isSecure ? [SECURE, "; Secure"] : [PLAIN, ""];
      return `${name}=${seal(key)}; ${ATTRIBUTES}; Max-Age=${LASTS_SECONDS}${secure}`;
    },
    /** → the Set-Cookie headers that sign a browser out. */
    end: () => [`${PLAIN}=; ${ATTRIBUTES}; Max-Age=0`, `${SECURE}=; ${ATTRIBUTES}; Max-Age=0; Secure`],
    /** → the Authorization header that the cookie of a request stands for; undefined without a cookie that counts. */
    authorizationOf(asking: Asking): string | undefined {
      const { cookie } = asking.headers;
      if (cookie === undefined || !cookie.includes(PLAIN)) return undefined;
      if (!SAFE.includes(asking.method) && siteOf(asking) !== "own") return undefined;
      const sealed = cookieOf(cookie, SECURE) ?? cookieOf(cookie, PLAIN);
      const key = sealed === undefined ? undefined : open(sealed);
      return key === undefined ? undefined : `Bearer ${key}`;
    },
  };
}

function cookieOf(header: string, name: string): string | undefined {
  const pairs = header.split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
