-- family: point ----------------------------------------------------------------------------------

-- Why the hub flagged a reading, for people: one row a flag, of flagged readings only.
create table reading_reason (
	point bigint not null,
	receipt bigint not null,
	item smallint not null, -- the reading's place in the receipt
	flag int not null, -- hub_flag, one bit
	reason text not null,
	primary key (point, receipt, item, flag)
);
