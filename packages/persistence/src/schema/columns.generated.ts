// Generated from a migrated database by database.int.test.ts; `vitest run -u` writes it again.
export const columns = {
  audit: ["audit_id", "done_at", "actor", "action", "rejection_id", "detail", "request_id", "address"],
  consuming: ["is_only", "paused", "changed_at", "changed_by"],
  customers: ["customer_id", "order_count", "total_value", "first_order_at", "last_order_at"],
  exclusive_work: ["name"],
  order_items: ["order_id", "line", "product", "quantity", "unit_price"],
  orders: ["order_id", "customer_id", "seq", "recorded_at", "placed_at", "item_count", "total", "fingerprint", "items"],
  outbox: ["outbox_id", "created_at", "order_ids", "rejection_ids", "attempts", "next_attempt_at"],
  oversized: ["oversized_id", "queued_at", "source", "body", "attempts", "next_attempt_at"],
  pedidos: ["id", "codigo_pedido", "codigo_cliente", "valor_total", "created_at"],
  rejections: ["rejection_id", "order_id", "first_seen_at", "last_seen_at", "times", "status", "reason", "source", "errors", "body_digest", "body"],
  spool: ["spool_id", "queued_at", "leased_until", "tries", "suspect", "source", "body", "traceparent", "retry_at", "refusals", "refused_for", "order_id"],
} as const;
