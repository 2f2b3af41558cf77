-- Which request did it, as its x-request-id and the log name it, and the address that it came from. Null in older rows.
alter table audit
  add column request_id text,
  add column address text;
