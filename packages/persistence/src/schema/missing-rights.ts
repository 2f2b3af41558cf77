import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { columns } from "./columns.generated.ts";
import { listSchemaFiles } from "./schema-files.ts";

/** What a process may not do as this user, such as "insert (body) on spool". */
type Lacks = {
  /** Whether this user may write something that this process alone writes. */
  readonly isMeant: boolean;
  readonly lacks: readonly string[];
};
export type MissingRights = Readonly<Record<"api" | "consumer", Lacks>>;

/** One privilege on one relation, or on one column of it. */
type Right = {
  readonly process: keyof MissingRights;
  readonly privilege: string;
  readonly relation: string;
  readonly column: string | null;
};

const GRANT = /grant ([^;]*?) on (?:sequence )?([^;]*?) to pedidos_(api|consumer);/g;
const PRIVILEGE = /([a-z]+)(?: \(([^)]*)\))?/g;

/**
 * The rights that files of the schema grant. The roles may only do what their processes do, so these files list
 * what each process needs, under any name of its user.
 */
function* readGrants(text: string): Generator<Right> {
  for (const [, privileges = "", relations = "", role] of text.replace(/--.*$/gm, "").matchAll(GRANT))
    for (const [, privilege = "", named] of privileges.matchAll(PRIVILEGE))
      for (const relation of namesIn(relations))
        for (const column of named === undefined ? [null] : namesIn(named))
          yield { process: role === "api" ? "api" : "consumer", privilege, relation, column };
}

const namesIn = (list: string): string[] => list.split(",").map((name) => name.trim());

/** @param directory of the numbered files of the schema */
export async function findMissingRights(client: pg.Client, directory: string): Promise<MissingRights> {
  const files = (await listSchemaFiles(directory)).filter((name) => name.includes("grants"));
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), "utf8")));
  const { rows } = await client.query<CheckedRight>(
    `select t.*, coalesce(case
        when class.relkind = 'S' then has_sequence_privilege(class.oid, privilege)
        when t."column" is null then has_table_privilege(class.oid, privilege)
        else has_column_privilege(class.oid, attribute.attnum, privilege) end, false) as has
      from json_to_recordset($1) as t (process text, privilege text, relation text, "column" text)
      left join pg_class class on class.oid = to_regclass(relation)
      left join pg_attribute attribute on attribute.attrelid = class.oid and attribute.attname = t."column"`,
    [JSON.stringify([...readGrants(texts.join("\n"))])],
  );
  return { api: lacksOf("api", rows), consumer: lacksOf("consumer", rows) };
}

type CheckedRight = Right & { readonly has: boolean };

function lacksOf(process: keyof MissingRights, rights: readonly CheckedRight[]): Lacks {
  const kindOf = ({ privilege, relation }: Right) => `${privilege} on ${relation}`;
  const others = new Set(rights.filter((right) => right.process !== process).map(kindOf));
  const own = rights.filter((right) => right.process === process);
  return {
    isMeant: own.some((right) => right.has && right.privilege !== "select" && !others.has(kindOf(right))),
    lacks: [...new Set(own.filter(({ has }) => !has).map(describe))],
  };
}

const describe = ({ privilege, relation, column }: Right): string =>
  `${privilege}${column === null ? "" : ` (${column})`} on ${relation}`;

/** → the columns that our statements name and that the database lacks, such as "orders.total"; any user may ask. */
export async function findMissingColumns(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relation || '.' || "column" as name
      from json_each($1) as r (relation, columns) cross join json_array_elements_text(columns) as c ("column")
      where not exists (select from pg_attribute where attrelid = to_regclass(relation) and attname = "column"
        and not attisdropped)`,
    [JSON.stringify(columns)],
  );
  return rows.map(({ name }) => name);
}
