/*
 * Messages that the hub computes itself: stored under a receipt of their own and announced, so that
 * they reach a party's feed like everything that came in.
 */
#ifndef STORE_COMPUTED_H
#define STORE_COMPUTED_H

#include "store/store.h"

typedef struct computed {
	int64_t party; /* whose feed */
	hub_record_type type;
	int64_t point; /* 0: about no point */
	bool found;    /* an alarm: to the policies what the hub itself found out */
	hub_time time;
	const char *key;  /* unique per (party, type): the same again changes nothing */
	const char *body; /* JSON object */
} computed;

/* In the caller's transaction. source: which part of the hub speaks, as "hub.billing". */
hub_status computed_send(store *db, const char *source, const computed *list, size_t count);

#endif
