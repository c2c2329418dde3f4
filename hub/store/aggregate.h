/* Sums of areas: what they are made of, what was published, who asked. hub/aggregate decides. */
#ifndef STORE_AGGREGATE_H
#define STORE_AGGREGATE_H

#include "store/premise.h"

/* Places whose sums are published: city, district, street, estate and park. By path, so that whatever is above comes before. */
hub_status aggregate_areas(store *db, arena *a, premise **ret, size_t *ret_count);

typedef struct aggregate_point {
	int64_t id;
	int64_t customer;     /* who lives there at that time, else who owns it, else the point for itself, below 0 */
	int32_t interval;     /* seconds; 0: none */
	const int64_t *path;  /* its premise's */
	size_t path_count;
} aggregate_point;

/* A page of those that measure the commodity at that time, by id above `after`. */
hub_status aggregate_points(store *db, const char *commodity, hub_time at, int64_t after, size_t limit, arena *a,
			    aggregate_point **ret, size_t *ret_count);

typedef struct aggregate_row {
	int64_t premise;
	hub_time at;             /* the local day's beginning */
	const char *verdict, *hourly; /* aggregate/publish.h */
	int32_t customers;       /* these only if published */
	hub_value sum;
	const int64_t *hours;    /* of the sum's scale */
	size_t hour_count;
} aggregate_row;

typedef struct aggregate_run {
	const char *commodity;
	hub_time at;
	int32_t points, measured;
	hub_time made;
} aggregate_run;

/* One transaction a day. HUB_CONFLICT: that day is published already, nothing is changed. */
hub_status aggregate_put(store *db, const aggregate_run *run, const aggregate_row *rows, size_t count);
/* Days in [from, to), by premise and day. */
hub_status aggregate_days(store *db, const int64_t *premises, size_t count, const char *commodity, hub_time from, hub_time to, arena *a,
			  aggregate_row **ret, size_t *ret_count);
/* commodity NULL: all. By commodity and day. */
hub_status aggregate_runs(store *db, const char *commodity, hub_time from, hub_time to, arena *a, aggregate_run **ret, size_t *ret_count);

typedef struct carbon_factor {
	const char *commodity;
	int32_t year;
	hub_value value; /* kg of CO2 a unit of the commodity's */
	const char *source;
} carbon_factor;

hub_status carbon_factor_put(store *db, const carbon_factor *f, hub_fault *fault);
/* By commodity and year; commodity NULL: all. */
hub_status carbon_factor_list(store *db, const char *commodity, arena *a, carbon_factor **ret, size_t *ret_count);

typedef struct aggregate_ask {
	int64_t id, party;
	hub_time at;
	const char *login, *purpose, *area, *commodity, *step, *form;
	bool below;
	hub_time from, to;
	int32_t given, withheld;
	const uint8_t *trace; /* 16 bytes */
} aggregate_ask;

hub_status aggregate_ask_add(store *db, const aggregate_ask *q);
/* Newest first, below `before` (0: from the newest on). login NULL: of everybody in the party; party 0: of every party. */
hub_status aggregate_ask_list(store *db, int64_t party, const char *login, uint64_t before, size_t limit, arena *a,
			      aggregate_ask **ret, size_t *ret_count);

#endif
