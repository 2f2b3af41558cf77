import type { FastifyReply } from "fastify";
import type { Route } from "../route.ts";
import type { Refuse } from "./answer.ts";
import { type Refusal, refusal } from "./problem.ts";

export type Room = {
  /** → null where there is room for one more, which leaves when its answer is out or its client has gone. */
  enter(reply: FastifyReply): Refusal | null;
};

/** Room for so many at once, of the whole process. `what` says in the plural what they are. */
export function openRoom(places: number, what: string): Room {
  let taken = 0;
  return {
    enter({ raw }) {
      if (taken >= places)
        return refusal(
          "too_many_requests",
          `This server answers ${places} ${what} already; that is as many as it may.`,
        );
      taken++;
      let isInside = true;
      const leave = () => {
        if (isInside) taken--;
        isInside = false;
      };
      raw.once("finish", leave).once("close", leave);
      return null;
    },
  };
}

/** → the route, which refuses who finds no room. */
export function boundRequests(room: Room, route: Route, refuse: Refuse): Route {
  return {
    ...route,
    handle(request, reply) {
      const full = room.enter(reply);
      return full === null ? route.handle(request, reply) : refuse(reply, full);
    },
  };
}
