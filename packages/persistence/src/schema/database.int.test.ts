import { freshDatabase } from "@pedidos/testing";
import pg from "pg";
import { expect, test } from "vitest";
import { migrate } from "./migrate.ts";

const TYPES: Record<string, string> = {
  bigint: "number",
  "bigint[]": "number[]",
  boolean: "boolean",
  bytea: "Buffer",
  "double precision": "number",
  integer: "number",
  numeric: "string",
  smallint: "number",
  text: "string",
  "timestamp with time zone": "string",
  "timestamp without time zone": "Date",
};

/** Columns whose values are narrower than what PostgreSQL calls them. */
const NARROWER: Record<string, string> = {
  "audit.action": 'AuditEntry["action"]',
  "audit.detail": 'AuditEntry["detail"]',
  "orders.items": "[product: string, quantity: number, priceUnits: number][]",
  "oversized.source": "Source",
  "rejections.errors": "Fault[]",
  "rejections.reason": "Reason",
  "rejections.source": "Source",
  "rejections.status": '"open" | "replayed" | "discarded"',
  "spool.source": "Source",
};

type Column = { relation: string; name: string; type: string; nullable: boolean; generated: boolean };

test("the table types and the names of columns are those of a migrated database", async () => {
  const database = await freshDatabase();
  await migrate({ connectionString: database.url, directory: "infra/sql" });
  const client = new pg.Client(database.url);
  await client.connect();
  const { rows } = await client.query<Column>(`
    select c.relname as relation, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      not a.attnotnull as nullable, a.atthasdef or a.attidentity <> '' as generated
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0
    order by c.relname, a.attnum`);
  await client.end();
  await database.drop();
  await expect(source(rows)).toMatchFileSnapshot("./database.generated.ts");
  await expect(names(rows)).toMatchFileSnapshot("./columns.generated.ts");
});

const NOTE = "// Generated from a migrated database by database.int.test.ts; `vitest run -u` writes it again.\n";

function names(columns: Column[]): string {
  const relations = Map.groupBy(columns, (column) => column.relation);
  const lists = [...relations].map(
    ([relation, list]) => `  ${relation}: [${list.map(({ name }) => `"${name}"`).join(", ")}],\n`,
  );
  return `${NOTE}export const columns = {\n${lists.join("")}} as const;\n`;
}

function source(columns: Column[]): string {
  const relations = Map.groupBy(columns, (column) => column.relation);
  const tables = [...relations].map(([relation, list]) => `  ${relation}: {\n${list.map(line).join("")}  };\n`);
  return [
    NOTE,
    'import type { AuditEntry } from "@pedidos/contract";\n',
    'import type { Fault, Reason, Source } from "@pedidos/domain";\n',
    'import type { Generated } from "kysely";\n\n',
    `export interface Database {\n${tables.join("")}}\n`,
  ].join("");
}

function line(column: Column): string {
  const type = NARROWER[`${column.relation}.${column.name}`] ?? TYPES[column.type] ?? "unknown";
  const nullable = column.nullable ? `${type} | null` : type;
  return `    ${column.name}: ${column.generated ? `Generated<${nullable}>` : nullable};\n`;
}
