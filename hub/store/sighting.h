/* What the intake stored of one batch, as told to those who watch it within the same transaction. */
#ifndef STORE_SIGHTING_H
#define STORE_SIGHTING_H

#include "store/message.h"
#include "store/series.h"

typedef struct sighting {
	store *db;
	arena *arena; /* of the batch */
	int64_t party;
	uint64_t receipt;
	hub_time now;
	const series_row *rows; /* fresh readings, in the batch's order */
	size_t row_count;
	const message *messages; /* fresh */
	size_t message_count;
} sighting;

/*
 * May add messages of its own under the receipt, with items from MESSAGE_COMPUTED on; *ret_types: bits
 * (1 << hub_record_type) of those, to be announced with the batch. Any number of threads at once.
 */
typedef hub_status (*sighting_watch)(void *user, const sighting *s, uint32_t *ret_types);

#endif
