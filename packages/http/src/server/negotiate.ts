// Ours, not `negotiator`: among equal qualities it takes the client's order, and it doesn't take `text/csv; header=present`
// for `text/csv` (4 of our 21 cases). See docs/decisions/0014.

/**
 * Picks the form of an answer by an Accept header (RFC 9110): the offer of the highest quality, and among equals the first.
 * The most specific range that fits an offer decides its quality; 0 refuses it.
 *
 * @param offers media types without parameters, the default first
 * @returns null if none is acceptable
 */
export function negotiate<const Offer extends string>(
  accept: string | undefined,
  offers: readonly [Offer, ...Offer[]],
): Offer | null {
  if (accept === undefined || accept.trim() === "") return offers[0];
  const qualities = readQualities(accept);
  let [best, bestQuality]: [Offer | null, number] = [null, 0];
  for (const offer of offers) {
    const [type] = offer.split("/", 1);
    const quality = qualities.get(offer) ?? qualities.get(`${type}/*`) ?? qualities.get("*/*") ?? 0;
    if (quality > bestQuality) [best, bestQuality] = [offer, quality];
  }
  return best;
}

/** → whether an Accept-Encoding header takes gzip; without the header nothing is compressed. */
export function negotiateEncoding(accept: string | undefined): "gzip" | "identity" {
  const qualities = readQualities(accept ?? "");
  return (qualities.get("gzip") ?? qualities.get("*") ?? 0) > 0 ? "gzip" : "identity";
}

/** → the quality of each range in lower case; 1 if no weight can be read. Of a range given twice the first counts. */
function readQualities(header: string): ReadonlyMap<string, number> {
  const qualities = new Map<string, number>();
  for (const part of header.split(",")) {
    const [range = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, "");
    const quality = weight !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 1;
    if (!qualities.has(range)) qualities.set(range, quality);
  }
  return qualities;
}
