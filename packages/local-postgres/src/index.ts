export { LocalPostgresError, type LocalPostgresFault } from "./local-postgres-error.ts";
export type { Log } from "./log.ts";
export type { ServerExit } from "./server-process.ts";
export { type LocalPostgres, type LocalPostgresOptions, startLocalPostgres } from "./start-local-postgres.ts";
