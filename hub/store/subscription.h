/* What a party wants to be told of. It grants nothing: policies decide when an entry is read. */
#ifndef STORE_SUBSCRIPTION_H
#define STORE_SUBSCRIPTION_H

#include "store/store.h"

typedef struct subscription {
	int64_t id, party;
	const char *name;
	uint32_t types;                  /* bit (1 << hub_record_type); 0: all */
	const char *const *commodities;  /* none: all; so below */
	size_t commodity_count;
	const uint16_t *quantities;
	size_t quantity_count;
	const int64_t *premises;         /* these and what is below them */
	size_t premise_count;
	const int64_t *points;
	size_t point_count;
	hub_time valid_from, valid_to;   /* from 0: now; to 0: open */
	const char *door;                /* "pull", "webhook", "mqtt", "drop"; NULL: "pull" */
	const int64_t *senders;          /* parties whose sources said it */
	size_t sender_count;
	const char *const *kinds;        /* of events */
	size_t kind_count;
} subscription;

/* Adds; id is not read. Bumps epoch "subscription". */
hub_status subscription_add(store *db, const subscription *s, int64_t *ret_id, hub_fault *fault);
/* Makes name, types, what it is about and valid_to as given; door, senders and kinds stay. Bumps epoch "subscription". HUB_MISSING: not this party's, or ended. */
hub_status subscription_replace(store *db, const subscription *s, hub_fault *fault);
/* Ends it now. HUB_MISSING: not this party's. */
hub_status subscription_end(store *db, int64_t party, int64_t id);
/* party 0: whosever. HUB_MISSING. */
hub_status subscription_get(store *db, int64_t party, int64_t id, arena *a, subscription *ret);
/* Those of a party (0: of all) that are valid at `at` (0: all times), by id. */
hub_status subscription_list(store *db, int64_t party, hub_time at, arena *a, subscription **ret, size_t *ret_count);

/* A row as subscriptions look at it. */
typedef struct subscription_row {
	hub_record_type type;
	int64_t sender;	       /* the party whose source said it; 0: not looked at */
	int64_t point;	       /* 0: about none, which no place or commodity tells apart */
	const char *commodity; /* of the point */
	const int64_t *path;   /* the premise path of the point, may be NULL */
	size_t path_count;
	uint16_t quantity;     /* of a reading */
	const char *kind;      /* of an event; NULL or "": none */
} subscription_row;

/* Pure: whether one row matches; what the sequencer asks of a whole batch, a door asks of each row. */
bool subscription_matches(const subscription *s, const subscription_row *row);

#endif
