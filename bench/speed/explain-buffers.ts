import type { Db } from "@pedidos/persistence";
import type { KyselyPlugin, RootOperationNode } from "kysely";
import { query } from "../harness/query.ts";

/** → the shared buffers that the statements of a read touch, in the cache or not, by EXPLAIN (ANALYZE, BUFFERS). */
export async function explainBuffers(db: Db, url: string, read: (db: Db) => Promise<unknown>): Promise<number> {
  const nodes: RootOperationNode[] = [];
  const noting: KyselyPlugin = {
    transformQuery({ node }) {
      nodes.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  await read(db.withPlugin(noting));
  let buffers = 0;
  for (const node of nodes) {
    const { sql, parameters } = db.getExecutor().compileQuery(node, { queryId: "explained" });
    const explained = () =>
      query<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }>(
        url,
        `explain (analyze, buffers, format json) ${sql}`,
        [...parameters],
      );
    const [row] = await explained();
    const plan = row?.["QUERY PLAN"][0].Plan;
    buffers += (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0);
  }
  return buffers;
}
