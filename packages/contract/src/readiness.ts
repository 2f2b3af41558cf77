import * as Type from "typebox";
import { oneOf, type Static } from "./fields.ts";

const upOrDown = oneOf(["up", "down"]);

export const Readiness = Type.Object(
  {
    status: oneOf(["ready", "degraded", "unavailable"]),
    dependencies: Type.Object({ broker: Type.Optional(upOrDown), database: upOrDown }),
    consuming: Type.Optional(
      Type.Literal("paused", { description: "Present while consumers are paused and record nothing." }),
    ),
  },
  { $id: "Readiness", examples: [{ status: "ready", dependencies: { broker: "up", database: "up" } }] },
);
export type Readiness = Static<typeof Readiness>;
