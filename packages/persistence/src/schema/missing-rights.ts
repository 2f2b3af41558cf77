import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { columns } from "./columns.generated.ts";

/** What a process may not do as this user, such as "insert (body) on spool". */
export type Lacks = {
  /** Whether this user may write something that this process alone writes. */
  readonly isMeant: boolean;
  readonly lacks: readonly string[];
};
export type MissingRights = Readonly<Record<Process, Lacks>>;
type Process = "api" | "consumer";

/** One privilege on one relation, or on one column of it. */
export type Right = {
  readonly process: Process;
  readonly privilege: string;
  readonly relation: string;
  readonly column: string | null;
};

const GRANT = /grant ([^;]*?) on (?:sequence )?([^;]*?) to pedidos_(api|consumer);/g;
const PRIVILEGE = /([a-z]+)(?: \(([^)]*)\))?/g;

/**
 * → the rights that a file of the schema grants. The roles may do what their processes do and nothing else, so these files
 * are the list of what each process needs, whatever its user is called.
 */
export function readGrants(text: string): Right[] {
  return [...text.replace(/--.*$/gm, "").matchAll(GRANT)].flatMap(([, privileges = "", relations = "", role]) =>
    [...privileges.matchAll(PRIVILEGE)].flatMap(([, privilege = "", named]) =>
      namesIn(relations).flatMap((relation) =>
        (named === undefined ? [null] : namesIn(named)).map(
          (column): Right => ({ process: role === "api" ? "api" : "consumer", privilege, relation, column }),
        ),
      ),
    ),
  );
}

const namesIn = (list: string): string[] => list.split(",").map((name) => name.trim());

/** @param directory of the numbered files of the schema */
export async function findMissingRights(client: pg.Client, directory: string): Promise<MissingRights> {
  const files = (await readdir(directory)).filter((name) => /^\d{4}_.*grants.*\.sql$/.test(name)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), "utf8")));
  const rights = texts.flatMap(readGrants);
  const { rows } = await client.query<Right & { has: boolean }>(
    `select t.*, coalesce(case
        when class.relkind = 'S' then has_sequence_privilege(class.oid, privilege)
        when t."column" is null then has_table_privilege(class.oid, privilege)
        else has_column_privilege(class.oid, attribute.attnum, privilege) end, false) as has
      from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t (process, privilege, relation, "column")
      left join pg_class class on class.oid = to_regclass(relation)
      left join pg_attribute attribute on attribute.attrelid = class.oid and attribute.attname = t."column"`,
    [
      rights.map(({ process }) => process),
      rights.map(({ privilege }) => privilege),
      rights.map(({ relation }) => relation),
      rights.map(({ column }) => column),
    ],
  );
  return { api: lacksOf("api", rows), consumer: lacksOf("consumer", rows) };
}

function lacksOf(process: Process, rights: readonly (Right & { has: boolean })[]): Lacks {
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

/** → the columns that our statements name and that the database does not have, such as "orders.total"; anybody may look. */
export async function findMissingColumns(client: pg.Client): Promise<string[]> {
  const names = Object.entries(columns).flatMap(([relation, list]) => list.map((column) => ({ relation, column })));
  const { rows } = await client.query<{ name: string }>(
    `select relation || '.' || t."column" as name from unnest($1::text[], $2::text[]) as t (relation, "column")
      where not exists (select from pg_attribute where attrelid = to_regclass(relation) and attname = t."column"
        and not attisdropped)`,
    [names.map(({ relation }) => relation), names.map(({ column }) => column)],
  );
  return rows.map(({ name }) => name);
}
