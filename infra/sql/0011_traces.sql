-- The W3C context of the sampled trace that an order in the spool belongs to; null for nearly all.
alter table spool add column traceparent text;
