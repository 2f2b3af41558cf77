import type { IncomingHttpHeaders } from "node:http";

/** The part of a request that says where it comes from. */
export type Sent = { readonly headers: IncomingHttpHeaders; readonly host: string };

/**
 * → whose page sent a request, as browsers say it and no page can change: this host's own, another's (another port or
 * subdomain is another), or none.
 */
export function siteOf(request: Sent): "own" | "other" | "none" {
  const { "sec-fetch-site": site, origin } = request.headers;
  if (site === "same-origin") return "own";
  if (site !== undefined && site !== "none") return "other";
  // Over plain HTTP browsers send no Sec-Fetch-Site, but Origin with every request that changes something.
  if (origin === undefined) return "none";
  return isOwn(origin, request.host) ? "own" : "other";
}

function isOwn(origin: string, host: string): boolean {
  const from = URL.parse(origin);
  // The host with the origin's scheme, so that a port which is that scheme's own makes no difference.
  return from !== null && from.host !== "" && from.host === URL.parse(`${from.protocol}//${host}`)?.host;
}
