export { type Outcome, openOutcomes } from "./await-outcomes.ts";
export { type AcceptedOrders, type AcceptedSample, countAccepted } from "./count-accepted.ts";
export { guardSpool } from "./guard-spool.ts";
export { observeRoads } from "./observe-roads.ts";
export {
  type Acceptance,
  acceptOrder,
  type IntakeRoads,
  MESSAGE_LIMITS,
  openIntake,
  type Submitting,
} from "./open-intake.ts";
