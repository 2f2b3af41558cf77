export { type Access, type AccessSettings, openAccess } from "./access/open-access.ts";
export { type Scope, scopes } from "./access/scopes.ts";
export { type ApiDependencies, buildApi } from "./build-api.ts";
export { type Outcomes, openOutcomes } from "./intake/await-outcomes.ts";
export { type Acceptance, type Intake, type IntakeRoads, openIntake } from "./intake/open-intake.ts";
export type { Submitting } from "./intake/submit.ts";
export { openStore, type Store } from "./open-store.ts";
export { type Dependencies, type Readiness, readinessOf } from "./routes/health.ts";
export { accessFrom, apiSettings, httpSettings } from "./settings.ts";
