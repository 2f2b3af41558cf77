import type { AuditEntry as AnsweredEntry } from "@pedidos/contract";

/** What somebody does by hand. */
export type AuditAction = AnsweredEntry["action"];
export type AuditDetail = AnsweredEntry["detail"];

export type AuditEntry = Pick<AnsweredEntry, "actor" | "action" | "detail"> & { readonly rejectionId?: number };
