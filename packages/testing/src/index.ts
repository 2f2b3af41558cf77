export { findFreePort } from "./find-free-port.ts";
export { freshDatabase } from "./fresh-database.ts";
export { freshVirtualHost } from "./fresh-virtual-host.ts";
export { leaveNothing, type Remains } from "./leave-nothing.ts";
export { mountSmallDisk, type SmallDisk } from "./mount-small-disk.ts";
export { type OwnProcess, startOwnProcess } from "./own-process.ts";
export type { Rabbitmq } from "./rabbitmq.ts";
export { type Postgres, type PostgresOptions, startPostgres } from "./start-postgres.ts";
export { startRabbitmq } from "./start-rabbitmq.ts";
