export type * from "./dead-letters.ts";
export type * from "./intake-broker.ts";
export type * from "./recording-broker.ts";
