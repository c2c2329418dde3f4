/* Events, transactions, results and archives: what a source said that is no reading. */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "store/store.h"

typedef struct message {
	uint64_t id;
	int64_t party;        /* of the source */
	uint64_t receipt;
	uint32_t item;        /* its place in the receipt */
	hub_record_type type;
	int64_t point;        /* 0: about no point */
	const char *channel;
	hub_time time;
	const char *key;      /* unique per (party, type): a repeat has the same, so it is stored once */
	const char *body;     /* JSON object */
	hub_time recorded;
	const char *kind;     /* of an event, its code; "" else; read only */
} message;

/* From this item on a message of a receipt is the hub's own finding about it, as an alarm; no source has so many. */
enum { MESSAGE_COMPUTED = 8192 };

/* Rows of one receipt, each with an item of its own below 16,384, in the caller's transaction;
   ret_new[i] false for a repeat. id and recorded are not read. */
hub_status message_put(store *db, const message *rows, size_t count, bool *ret_new);
/* Those of a receipt, by item. */
hub_status message_of_receipt(store *db, uint64_t receipt, arena *a, message **ret, size_t *ret_count);
/* The same of several, by receipt's number. */
hub_status message_of_receipts(store *db, const int64_t *receipts, size_t receipt_count, arena *a, message **ret,
			       size_t *ret_count);
/* Those of points in [from, to), of a type (0: any), by id above `after`. */
hub_status message_list(store *db, const int64_t *points, size_t point_count, hub_record_type type, hub_time from,
			hub_time to, uint64_t after, size_t limit, arena *a, message **ret, size_t *ret_count);

#endif
