export { type Outcome, type Outcomes, openOutcomes } from "./await-outcomes.ts";
export { collectWindow } from "./collect-window.ts";
export { type AcceptedOrders, type AcceptedSample, countAccepted } from "./count-accepted.ts";
export { guardSpool } from "./guard-spool.ts";
export { measureRoads } from "./measure-roads.ts";
export { type Acceptance, type Intake, type IntakeRoads, MESSAGE_LIMITS, openIntake } from "./open-intake.ts";
export { type Submitted, type Submitting, submit } from "./submit.ts";
