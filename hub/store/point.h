/* Metering points: what is measured where, for whom. Devices come and go (device.h); points stay. */
#ifndef STORE_POINT_H
#define STORE_POINT_H

#include "store/store.h"

typedef struct point_limit {
	int64_t point;
	uint16_t quantity;
	bool has_min, has_max, has_rise;
	hub_value min, max; /* in the quantity's unit; a value outside is marked, and kept */
	hub_value rise;     /* most that the value can rise in an hour */
} point_limit;

typedef struct point_party {
	const char *role;  /* "owner", "occupant", "operator" (of the grid), "supplier", "reader" */
	int64_t party;
	hub_time valid_from, valid_to; /* 0: open on that side */
} point_party;

typedef struct point {
	int64_t id;
	const char *code;      /* unique, never changes */
	const char *commodity; /* as quantity.commodity; never changes */
	int64_t premise;       /* 0: none */
	const char *name_zh, *name_en;
	const char *zone;      /* "Asia/Shanghai" */
	int32_t interval;      /* raster in seconds; 0: none */
	hub_value power;       /* highest contracted power (kW) or flow (m3/h); digits 0: unknown */
	bool disconnected, protected;
	hub_time valid_from, valid_to;
	const point_party *parties; /* by role, then valid_from */
	size_t party_count;
} point;

/*
 * Adds by code, or makes everything but code and commodity as given; parties are replaced.
 * Bumps epoch "point". HUB_REJECT: a rule; HUB_MISSING: premise or party; HUB_CONFLICT: another
 * commodity.
 */
hub_status point_put(store *db, const point *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault);
hub_status point_by_code(store *db, const char *code, arena *a, point *ret);
/* The points of these ids, by id; those that do not exist are left out. */
hub_status point_by_ids(store *db, const int64_t *ids, size_t count, arena *a, point **ret, size_t *ret_count);
/* A page by id above `after`, narrowed by premise and what is below it (0: any) and by party in
   any role at `at` (0: any). */
typedef struct point_filter {
	int64_t premise, party;
	const char *role;      /* of that party; NULL: any */
	hub_time at;
	const char *commodity; /* NULL: any */
} point_filter;
hub_status point_list(store *db, const point_filter *f, int64_t after, size_t limit, arena *a, point **ret,
		      size_t *ret_count);
hub_status point_switched(store *db, int64_t id, bool disconnected);

hub_status point_limit_put(store *db, const point_limit *limit, hub_fault *fault);
/* By point and quantity. */
hub_status point_limit_list(store *db, const int64_t *points, size_t count, arena *a, point_limit **ret,
			    size_t *ret_count);

#endif
