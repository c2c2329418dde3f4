-- A quick recipient acknowledges over MQTT before the courier has settled the lease that sent: the position is kept
-- here and believed when the lease is settled. 0: none.
alter table delivery_head add column heard bigint not null default 0;
