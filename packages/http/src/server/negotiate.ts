type Range = { readonly type: string; readonly subtype: string; readonly quality: number };

/**
 * Picks what to answer with by an Accept header (RFC 9110): the offer of the highest quality, of equal ones the first
 * offered. The most specific range that fits an offer decides its quality; 0 refuses it.
 *
 * @param offers media types without parameters, the default first
 * @returns null where none is acceptable
 */
export function negotiate<const Offer extends string>(
  accept: string | undefined,
  offers: readonly [Offer, ...Offer[]],
): Offer | null {
  if (accept === undefined || accept.trim() === "") return offers[0];
  const ranges = accept.split(",").flatMap(parseRange);
  let [best, bestQuality]: [Offer | null, number] = [null, 0];
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality > bestQuality) [best, bestQuality] = [offer, quality];
  }
  return best;
}

function parseRange(text: string): Range[] {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const [type = "", subtype = ""] = range.split("/");
  if (type === "" || subtype === "") return [];
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, "");
  // A weight that cannot be read is taken for the default.
  const quality = weight !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 1;
  return [{ type, subtype, quality }];
}

function qualityOf(offer: string, ranges: readonly Range[]): number {
  const [type, subtype] = offer.split("/");
  const specificity = (range: Range) => (range.type === "*" ? 0 : range.subtype === "*" ? 1 : 2);
  let [quality, specific] = [0, -1];
  for (const range of ranges) {
    const fits =
      (range.type === "*" && range.subtype === "*") || (range.type === type && [subtype, "*"].includes(range.subtype));
    if (fits && specificity(range) > specific) [quality, specific] = [range.quality, specificity(range)];
  }
  return quality;
}

/** → whether an Accept-Encoding header takes gzip; without one nothing is compressed. */
export function negotiateEncoding(accept: string | undefined): "gzip" | "identity" {
  const codings = (accept ?? "").split(",").map((part) => part.replaceAll(/\s/g, "").toLowerCase().split(";"));
  const weightOf = (name: string) => codings.find(([coding]) => coding === name)?.[1] ?? "";
  const isNamed = (name: string) => codings.some(([coding]) => coding === name);
  const name = isNamed("gzip") ? "gzip" : "*";
  return isNamed(name) && !/^q=0(\.0*)?$/.test(weightOf(name)) ? "gzip" : "identity";
}
