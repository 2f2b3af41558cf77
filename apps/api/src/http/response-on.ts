import { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** → the response that is under way, or still to come, on a connection. Node keeps it, but tells nobody. */
export function responseOn(socket: Socket): ServerResponse | undefined {
  const response: unknown = Reflect.get(socket, "_httpMessage");
  return response instanceof ServerResponse ? response : undefined;
}
