/** What every command may be told by the environment. Keys have no option: they would show in the list of processes. */
export const environment = {
  url: process.env.PEDIDOS_URL || "http://127.0.0.1:3000",
  key: process.env.PEDIDOS_KEY || undefined,
  databaseUrl: process.env.DATABASE_URL || undefined,
  amqpUrl: process.env.AMQP_URL || undefined,
  managementUrl: process.env.AMQP_MANAGEMENT_URL || undefined,
} as const;
