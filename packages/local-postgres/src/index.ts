export { LocalPostgresError } from "./local-postgres-error.ts";
export { type LocalPostgres, startLocalPostgres } from "./start-local-postgres.ts";
