/*
 * Whether stations keep the limits that they confirmed: the last charger_limit of a connector against the power
 * that its transactions meter while it is in force. Two values in a row decide; 5 % and 100 W are let pass.
 */
#ifndef STORE_CHARGER_LIMIT_H
#define STORE_CHARGER_LIMIT_H

#include "store/store.h"

typedef struct charger_limit {
	int64_t party;
	const char *station, *channel;
	int64_t command, limit_w, measured_w;
	const char *state; /* "waiting", "honoured", "ignored" */
	int64_t point;	   /* of the command */
} charger_limit;

/*
 * Looks at up to `most` that are due: what is undecided each `again` µs, the others each minute; values count from
 * `grace` µs after the confirmation. Gives those that are ignored now, and those that were and are honoured again.
 */
hub_status charger_limit_check(store *db, int64_t grace, int64_t again, size_t most, arena *a, charger_limit **ret,
			       size_t *ret_count);
hub_status charger_limit_list(store *db, int64_t party, const char *station, arena *a, charger_limit **ret,
			      size_t *ret_count);

#endif
