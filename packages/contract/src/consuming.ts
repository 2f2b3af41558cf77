import * as Type from "typebox";
import { nullable, RECORDED_AT, type Static, time } from "./fields.ts";

const paused = Type.Boolean({ description: "Consumers record nothing." });

export const ConsumingInput = Type.Object(
  { paused },
  { $id: "ConsumingInput", additionalProperties: false, examples: [{ paused: true }] },
);
export type ConsumingInput = Static<typeof ConsumingInput>;

export const Consuming = Type.Object(
  {
    paused,
    since: nullable(time("By the database's clock; null if nobody ever paused it.")),
    by: nullable(Type.String({ description: "The name of the key; null if no key was needed." })),
  },
  { $id: "Consuming", examples: [{ paused: true, since: RECORDED_AT, by: "ana" }] },
);
export type Consuming = Static<typeof Consuming>;
