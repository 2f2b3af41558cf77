import { limits } from "@pedidos/domain";
import * as Type from "typebox";

type Deep<Value> = { readonly [Key in keyof Value]: Deep<Value[Key]> };

/** The type of a schema's values, read-only throughout: an answer is made once and never changed. */
export type Static<Schema extends Type.TSchema> = Deep<Type.Static<Schema>>;

export const id = (description: string) => Type.Integer({ minimum: 1, maximum: limits.id, description });
export const money = (description: string) => Type.String({ pattern: "^[0-9]+\\.[0-9]{2,4}$", description });
export const time = (description: string) => Type.String({ format: "date-time", description });
export const count = Type.Integer({ minimum: 0 });

export function nullable<Schema extends Type.TSchema>(schema: Schema, options: Type.TSchemaOptions = {}) {
  return Type.Union([schema, Type.Null()], options);
}

/** One of these texts. */
export function oneOf<const Text extends string>(texts: readonly Text[], options: Type.TSchemaOptions = {}) {
  return Type.Unsafe<Text>({ ...options, type: "string", enum: texts });
}

export const total = money("The exact sum of quantity × unitPrice.");
export const nextCursor = nullable(Type.String({ description: "Opaque; null on the last page." }));

export const rejectionId = Type.Integer({ minimum: 1 });
/** Messages of a queue. */
export const depth = nullable(Type.Integer({ minimum: 0, description: "Null if there is no such queue." }));

/** When the order of the examples was recorded, and a cursor that is at it. */
export const [RECORDED_AT, CURSOR] = ["2026-11-24T12:00:01.123456Z", "byAyMDI2LTExLTI0VDEyOjAwOjAxLjEyMzQ1NlogNDI"];
