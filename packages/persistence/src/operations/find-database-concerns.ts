import type { Concern } from "@pedidos/process";
import { askOnce } from "../connection/with-client.ts";
import { judgeDurability } from "./judge-durability.ts";
import { readDurability } from "./read-durability.ts";

/**
 * → what someone should know of the ground on which a commit of this user stands.
 *
 * @throws where the database is away, silent, or refuses this user
 */
export async function findDatabaseConcerns(connectionString: string): Promise<Concern[]> {
  const connection = { connectionString, applicationName: "pedidos-durability" };
  return judgeDurability(await askOnce(connection, (client) => readDurability(client)));
}
