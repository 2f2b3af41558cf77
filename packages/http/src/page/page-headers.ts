import type { Headers } from "./answer-file.ts";

/** Of pages and of what they are made of. */
export const COMMON: Headers = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

/** Nothing inline, nothing from elsewhere, shown in nobody's frame. */
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
 * Of a page, which is asked for anew each time.
 *
 * @param policy directives of its Content-Security-Policy, beside or instead of those that all pages have
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
