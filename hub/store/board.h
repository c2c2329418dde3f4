/* Figures of a party or of all of them, for those who keep the hub running and for the party itself: what came, what went. */
#ifndef STORE_BOARD_H
#define STORE_BOARD_H

#include "store/store.h"

typedef struct board_party {
	int64_t id;
	const char *code, *name_zh, *name_en;
	int64_t received, stored, duplicates, refused; /* records since `since` */
	int64_t open;                                  /* in quarantine */
	int64_t subscriptions, paused, queued, dead;   /* doors that push: entries not acknowledged, dead letters */
} board_party;

/* party 0: every party that gave or gets anything and is no home. By code. Of the newest 5,000 batches of each. */
hub_status board_parties(store *db, int64_t party, hub_time since, size_t limit, arena *a, board_party **ret, size_t *ret_count);

typedef struct board_source {
	const char *name, *party;
	const char *adapter, *zone; /* "": no adapter instance, but a door */
	bool enabled;
	hub_time last;              /* batch; 0: none since `day` */
	int64_t hour, day, refused; /* records since these times, refused ones since `day` */
	const int64_t *receipts;    /* its newest, at most five */
	size_t receipt_count;
} board_source;

/* Adapter instances, and whatever else sent since `day`. party 0: of all. By name. */
hub_status board_sources(store *db, int64_t party, hub_time hour, hub_time day, size_t limit, arena *a, board_source **ret,
			 size_t *ret_count);

typedef struct board_import {
	const char *account, *point, *reference, *quantity, *unit;
	int32_t cycle;
	int64_t amount;
	hub_time start, end;
	bool sealed, billed; /* signed; stands on a posted bill */
	uint64_t next;       /* behind this one in the list */
} board_import;

/* What a utility imported for a cycle (0: the last it has), by account, behind `after`. */
hub_status board_imports(store *db, int64_t party, int32_t cycle, uint64_t after, size_t limit, arena *a, board_import **ret,
			 size_t *ret_count);

/* A party's share of a payment: of which order, on which part of which bill. */
typedef struct board_share {
	const char *account, *bill, *order, *provider, *reference;
	int32_t cycle, part; /* part: its place in the bill */
	int64_t amount, payment; /* the share, the whole of the payment */
	bool refunded;
	hub_time paid;
	uint64_t next; /* behind this account in the list */
} board_share;

/* Of a cycle (0: the last of which anything is paid), by account, behind `after`; an account's shares are never cut, so there may
 * be some more than `limit`. */
hub_status board_shares(store *db, int64_t party, int32_t cycle, uint64_t after, size_t limit, arena *a, board_share **ret,
			size_t *ret_count);

#endif
