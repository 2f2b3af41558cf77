import type { Headers } from "./serve-files.ts";

/** Headers of pages and of their files. */
export const COMMON: Headers = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

/** Allows nothing inline and nothing from other hosts, and forbids frames. */
const POLICY: Headers = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "font-src": "'self'",
  "img-src": "'self'",
  "connect-src": "'self'",
  "form-action": "'self'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
};

/**
 * → the headers of a page, which browsers revalidate each time.
 *
 * @param policy directives of its Content-Security-Policy, which add to those of all pages or replace them
 */
export function headersOfPage(policy: Headers): Headers {
  const directives = Object.entries({ ...POLICY, ...policy }).map((directive) => directive.join(" "));
  return {
    ...COMMON,
    "cache-control": "no-cache",
    "content-security-policy": directives.join("; "),
    "cross-origin-opener-policy": "same-origin",
  };
}
