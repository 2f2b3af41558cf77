// Generated from a migrated database by database.int.test.ts; `vitest run -u` writes it again.
import type { AuditEntry } from "@pedidos/contract";
import type { Fault, Reason, Source } from "@pedidos/domain";
import type { Generated } from "kysely";

export interface Database {
  audit: {
    audit_id: Generated<number>;
    done_at: Generated<string>;
    actor: string | null;
    action: AuditEntry["action"];
    rejection_id: number | null;
    detail: Generated<AuditEntry["detail"]>;
    request_id: string | null;
    address: string | null;
  };
  consuming: {
    is_only: Generated<boolean>;
    paused: Generated<boolean>;
    changed_at: string | null;
    changed_by: string | null;
  };
  customers: {
    customer_id: number;
    order_count: number;
    total_value: string;
    first_order_at: string;
    last_order_at: string;
  };
  exclusive_work: {
    name: string;
  };
  order_items: {
    order_id: number | null;
    line: number | null;
    product: string | null;
    quantity: number | null;
    unit_price: string | null;
  };
  orders: {
    order_id: number;
    customer_id: number;
    seq: Generated<number>;
    recorded_at: string;
    placed_at: string | null;
    item_count: number;
    total: string;
    fingerprint: Buffer | null;
    items: [product: string, quantity: number, priceUnits: number][];
  };
  outbox: {
    outbox_id: Generated<number>;
    created_at: Generated<string>;
    order_ids: Generated<number[]>;
    rejection_ids: Generated<number[]>;
    attempts: Generated<number>;
    next_attempt_at: string | null;
  };
  oversized: {
    oversized_id: Generated<number>;
    queued_at: Generated<string>;
    source: Source;
    body: Buffer;
    attempts: Generated<number>;
    next_attempt_at: string | null;
  };
  pedidos: {
    id: number | null;
    codigo_pedido: number | null;
    codigo_cliente: number | null;
    valor_total: number | null;
    created_at: Date | null;
  };
  rejections: {
    rejection_id: Generated<number>;
    order_id: number | null;
    first_seen_at: string;
    last_seen_at: string;
    times: number;
    status: Generated<"open" | "replayed" | "discarded">;
    reason: Reason;
    source: Source;
    errors: Fault[];
    body_digest: Buffer;
    body: Buffer;
  };
  spool: {
    spool_id: Generated<number>;
    queued_at: Generated<string>;
    leased_until: string | null;
    tries: Generated<number>;
    suspect: Generated<boolean>;
    source: Source;
    body: Buffer;
    traceparent: string | null;
    retry_at: string | null;
    refusals: Generated<number>;
    refused_for: string | null;
    order_id: number | null;
  };
}
