-- The newest rejections of an order are found at once, however many it has; what the old index served, this one does too.
create index rejections_by_order_newest on rejections (order_id, rejection_id);
drop index rejections_by_order;
