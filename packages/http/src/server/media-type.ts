import type { IncomingHttpHeaders } from "node:http";

/** → the media type of a body without its parameters, in lower case; "" where none is told. */
export function mediaType(contentType: string | undefined): string {
  // Almost every request says exactly this.
  if (contentType === "application/json") return contentType;
  return (contentType?.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** → what is wrong with the type of a body, or null where it is one of those expected, and not encoded. */
export function describeWrongType(headers: IncomingHttpHeaders, expected: readonly string[]): string | null {
  const type = mediaType(headers["content-type"]);
  if (!expected.includes(type))
    return `Content-Type is ${type === "" ? "missing" : JSON.stringify(type)}; must be ${expected.join(" or ")}.`;
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "identity")
    return `Content-Encoding ${JSON.stringify(encoding)} is not supported.`;
  return null;
}
