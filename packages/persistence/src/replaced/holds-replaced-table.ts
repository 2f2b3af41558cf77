import { withClient } from "../connection/with-client.ts";

/** Whether the database still holds the replaced system's table `pedidos`, which the migrator will take over. */
export async function holdsReplacedTable(connectionString: string): Promise<boolean> {
  return await withClient({ connectionString, applicationName: "pedidos" }, async (client) => {
    const { rows } = await client.query(
      "select from pg_class where oid = to_regclass('pedidos') and relkind in ('r', 'p')",
    );
    return rows.length > 0;
  });
}
