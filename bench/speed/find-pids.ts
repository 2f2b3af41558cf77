import type { Workplace } from "./open-workplace.ts";
import { query } from "./query.ts";

/** The first processes of the servers, where they can be seen from here. */
export async function findServerPids({ postgres, rabbitmq }: Workplace): Promise<Record<string, number>> {
  const [row] = await query<{ file: string }>(postgres.url, "select pg_read_file('postmaster.pid') as file");
  const broker = await rabbitmq.ctl("eval", "list_to_integer(os:getpid()).").catch(() => "");
  return {
    postgres: Number.parseInt(row?.file ?? "", 10),
    ...(Number(broker) > 0 && { broker: Number(broker) }),
  };
}
