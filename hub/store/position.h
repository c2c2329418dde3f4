/* The rows behind deliver/feed.h: one head per party, positions, and the step that numbers. */
#ifndef STORE_POSITION_H
#define STORE_POSITION_H

#include "store/store.h"

typedef struct position {
	uint64_t position, receipt;
	hub_time at;
} position;

/*
 * In the caller's transaction: takes at most `limit` announcements that nobody else has taken,
 * gives each party whose subscriptions match its next positions, and deletes them. *ret_done:
 * how many were taken. NOTIFY hub_feed with the party's number for each party that got one.
 */
hub_status position_give(store *db, size_t limit, size_t *ret_done);
hub_status position_list(store *db, int64_t party, uint64_t after, size_t limit, arena *a, position **ret,
			 size_t *ret_count);
/* A party without a head has (0, 0). `lock`: until the transaction ends. */
hub_status position_head(store *db, int64_t party, bool lock, uint64_t *ret_acknowledged, uint64_t *ret_last);
hub_status position_acknowledge(store *db, int64_t party, uint64_t upto);

/* Who was told of a receipt, to trace it. */
typedef struct position_told {
	const char *party; /* its code */
	uint64_t position;
	hub_time at;
	bool acknowledged;
} position_told;
hub_status position_of_receipt(store *db, uint64_t receipt, arena *a, position_told **ret, size_t *ret_count);

#endif
