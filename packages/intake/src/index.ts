export { acceptOrder, type Submitted, type Submitting } from "./accept-order.ts";
export { type Outcome, type Outcomes, openOutcomes } from "./await-outcomes.ts";
export { type AcceptedOrders, type AcceptedSample, countAccepted } from "./count-accepted.ts";
export { guardSpool } from "./guard-spool.ts";
export { observeRoads } from "./observe-roads.ts";
export { type Acceptance, type Intake, type IntakeRoads, MESSAGE_LIMITS, openIntake } from "./open-intake.ts";
