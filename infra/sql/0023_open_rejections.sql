-- The open rejections are listed and counted by reason, source and day without reading closed ones, or any bytes.
create index rejections_open_newest on rejections (first_seen_at, rejection_id) include (reason, source)
  where status = 'open';
