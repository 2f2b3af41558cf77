import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Makes the ids of requests: the one in x-request-id where it is a decent one, else one of our own. */
export function nameRequests(): (request: Pick<IncomingMessage, "headers">) => string {
  const process = randomBytes(6).toString("base64url");
  let count = 0;
  return ({ headers }) => {
    const given = headers["x-request-id"];
    if (typeof given === "string" && /^[\w.:/+=-]{1,128}$/.test(given)) return given;
    return `${process}-${(++count).toString(36)}`;
  };
}
