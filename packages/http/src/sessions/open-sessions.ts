import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** What of a request tells whether a cookie of it counts. */
export type Asking = { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders };

export type Sessions = {
  /** → the Set-Cookie header that signs a browser in with a key, for the request that asks for it. */
  begin(key: string, asking: Asking): string;
  /** → the Set-Cookie headers that sign it out. */
  end(): string[];
  /** → the Authorization header that a request's cookie stands for; undefined where it has none that counts. */
  authorizationOf(asking: Asking): string | undefined;
};

const LASTS_SECONDS = 12 * 60 * 60;
/** The second is a cookie that only HTTPS sets, for this host alone. */
const [PLAIN, SECURE] = ["pedidos_session", "__Host-pedidos_session"] as const;
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";
const SAFE: readonly unknown[] = ["GET", "HEAD"];
const [IV_BYTES, TAG_BYTES] = [12, 16];

/**
 * Sessions of browsers, which can send no bearer with a stream or a download. The key itself travels in the cookie,
 * sealed (AES-256-GCM) with the time at which it ends; nothing is held here, and a key that is taken away counts no more.
 *
 * @param secret the same on every instance; left out, sessions end with this process
 */
export function openSessions(secret: string | undefined, now = Date.now): Sessions {
  const sealingKey = secret === undefined ? randomBytes(32) : hash("sha256", `pedidos session ${secret}`, "buffer");

  function seal(key: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", sealingKey, iv);
    const text = `${now() + LASTS_SECONDS * 1_000} ${key}`;
    return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
  }

  /** → the key; undefined where it was not sealed here, or its time is up. */
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
    begin(key, { headers }) {
      const isSecure = headers.origin?.startsWith("https:") === true;
      const [name, secure] = isSecure ? [SECURE, "; Secure"] : [PLAIN, ""];
      return `${name}=${seal(key)}; ${ATTRIBUTES}; Max-Age=${LASTS_SECONDS}${secure}`;
    },
    end: () => [`${PLAIN}=; ${ATTRIBUTES}; Max-Age=0`, `${SECURE}=; ${ATTRIBUTES}; Max-Age=0; Secure`],
    authorizationOf(asking) {
      const { cookie } = asking.headers;
      if (cookie === undefined || !cookie.includes(PLAIN)) return undefined;
      if (!SAFE.includes(asking.method) && !isFromOwnPage(asking)) return undefined;
      const sealed = cookieOf(cookie, SECURE) ?? cookieOf(cookie, PLAIN);
      const key = sealed === undefined ? undefined : open(sealed);
      return key === undefined ? undefined : `Bearer ${key}`;
    },
  };
}

/** Whether a browser says that a page of this very host asks, so that no other site can act for whoever is signed in. */
export function isFromOwnPage({ headers }: Asking): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  // Browsers leave it out over plain HTTP, where they send Origin with whatever changes something.
  const { origin, host } = headers;
  return origin !== undefined && host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

function cookieOf(header: string, name: string): string | undefined {
  const pairs = header.split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
