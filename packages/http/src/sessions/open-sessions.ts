// Ours, not `@fastify/secure-session`: that needs a native addon (sodium), which the bundle of one file can't hold, and
// decorates every request. See docs/decisions/0014.
import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { type Sent, siteOf } from "../access/site-of.ts";

/** The part of a request that decides whether its cookie counts. */
export type Asking = Sent & { readonly method: string; readonly protocol: string };

/** A browser that is signed in. */
export type Session = {
  readonly id: string;
  /** The Authorization header that the cookie stands for. */
  readonly authorization: string;
  /** In ms since 1970. */
  readonly endsAt: number;
};

const LASTS_SECONDS = 12 * 60 * 60;
const PLAIN = "pedidos_session";
const SAFE: readonly unknown[] = ["GET", "HEAD"];
const [IV_BYTES, TAG_BYTES] = [12, 16];
/** Sessions that were signed out and have not expired. Beyond this many the oldest are ended along with all before them. */
const MAX_SIGNED_OUT = 10_000;

/**
 * Opens the sessions of browsers, which can't send a bearer key with a stream or a download. The cookie holds the key and its
 * expiry, encrypted for its name (AES-256-GCM), so that one that any network could set is not taken for one that came by HTTPS.
 * The server remembers those that were signed out, until they expire; a key that is revoked counts no more.
 *
 * @param secret the same on every instance; without it, sessions end with this process
 * @param basePath the path that cookies are for
 */
export function openSessions(secret: string | undefined, now = Date.now, basePath = "") {
  // Browsers accept these names over HTTPS only; the first for this host and all its paths alone.
  const secureName = basePath === "" ? `__Host-${PLAIN}` : `__Secure-${PLAIN}`;
  const attributes = `Path=${basePath || "/"}; HttpOnly; SameSite=Strict`;
  const sealingKey = secret === undefined ? randomBytes(32) : hash("sha256", `pedidos session ${secret}`, "buffer");

  const signedOut = new Map<Session["id"], Session["endsAt"]>();
  /** Sessions that would end by then are ended. */
  let endedUpTo = 0;

  function seal(name: string, key: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", sealingKey, iv).setAAD(Buffer.from(name));
    const text = `${now() + LASTS_SECONDS * 1_000} ${key}`;
    return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
  }

  /** → the session; undefined if another secret or name sealed it, or it has ended. */
  function open(name: string, sealed: string): Session | undefined {
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", sealingKey, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString();
      const [end = "", key = ""] = text.split(" ");
      const session = {
        id: bytes.toString("base64url", 0, IV_BYTES),
        authorization: `Bearer ${key}`,
        endsAt: Number(end),
      };
      return isOpen(session) ? session : undefined;
    } catch {
      return undefined;
    }
  }

  function isOpen({ id, endsAt }: Session): boolean {
    return endsAt > now() && endsAt > endedUpTo && !signedOut.has(id);
  }

  function find({ headers: { cookie = "" }, protocol }: Omit<Asking, "method">): Session | undefined {
    for (const name of protocol === "https" ? [secureName] : [secureName, PLAIN]) {
      const sealed = cookieOf(cookie, name);
      if (sealed !== undefined) return open(name, sealed);
    }
    return undefined;
  }

  function remember({ id, endsAt }: Session): void {
    for (const [known, end] of signedOut) {
      if (end > now() && signedOut.size < MAX_SIGNED_OUT) break;
      signedOut.delete(known);
      endedUpTo = Math.max(endedUpTo, end);
    }
    signedOut.set(id, endsAt);
  }

  return {
    isOpen,
    /** → the Set-Cookie header that signs the browser of this request in with a key. */
    begin(key: string, { headers, protocol }: Pick<Asking, "headers" | "protocol">): string {
      const isSecure = protocol === "https" || headers.origin?.startsWith("https:") === true;
      const [name, secure] = isSecure ? [secureName, "; Secure"] : [PLAIN, ""];
      return `${name}=${seal(name, key)}; ${attributes}; Max-Age=${LASTS_SECONDS}${secure}`;
    },
    /** Ends the session of a request. → the Set-Cookie headers that sign its browser out. */
    end(asking: Asking): string[] {
      const session = find(asking);
      if (session !== undefined) remember(session);
      return [`${PLAIN}=; ${attributes}; Max-Age=0`, `${secureName}=; ${attributes}; Max-Age=0; Secure`];
    },
    /** → the session that the cookie of a request stands for; undefined without a cookie that counts. */
    sessionOf(asking: Asking): Session | undefined {
      if (asking.headers.cookie?.includes(PLAIN) !== true) return undefined;
      return SAFE.includes(asking.method) || siteOf(asking) === "own" ? find(asking) : undefined;
    },
  };
}

function cookieOf(header: string, name: string): string | undefined {
  const pairs = header.split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
