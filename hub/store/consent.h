/*
 * Consents: who may see what is measured at a point, how finely, what for and until when; kept as they were
 * given. Texts of results live in the arena.
 */
#ifndef STORE_CONSENT_H
#define STORE_CONSENT_H

#include "store/store.h"

/* How finely; a coarser one is always seen with a finer consent. */
typedef enum consent_grain {
	CONSENT_RAW,
	CONSENT_QUARTER,
	CONSENT_HOUR,
	CONSENT_DAY,
	CONSENT_MONTH,
	CONSENT_GRAINS,
} consent_grain;

extern const char *const consent_grain_names[CONSENT_GRAINS]; /* "raw", "15min", "hour", "day", "month" */
bool consent_grain_parse(const char *text, consent_grain *ret);
/* Of values that come once in so many seconds; 0: raw. */
consent_grain consent_grain_of(int64_t seconds);

typedef struct consent {
	uint64_t id;
	int64_t point, grantor, grantee;
	const char *commodity;	       /* "": all of the point */
	consent_grain grain;	       /* the finest */
	const char *purpose;	       /* [a-z][a-z0-9_]{0,63} */
	hub_time valid_from, valid_to; /* when it may be seen; to 0: open */
	hub_time data_from, data_to;   /* of what was measured then; 0: open on that side */
	hub_time granted;
	const char *by;	    /* the grantor's code, or "operator" */
	hub_time withdrawn; /* 0: not */
	const char *withdrawn_by;
	const char *text_zh, *text_en;
	uint8_t digest[32];
	const char *point_code, *grantor_code, *grantee_code; /* read only */
	bool lapsed; /* read only: the grantor is no longer owner or occupant */
} consent;

/* Where a consent stands at a time: "pending", "active", "expired", "withdrawn" or "lapsed". */
const char *consent_state(const consent *c, hub_time now);

/*
 * Adds; id and granted are not read: consent_number gives the one, the other is the text's time. key and request (NULL:
 * none): 32 bytes each. HUB_CONFLICT: this key came before from this grantor for this point, see consent_by_key. Bumps
 * epoch "consent".
 */
hub_status consent_number(store *db, uint64_t *ret);
hub_status consent_add(store *db, const consent *c, const uint8_t *key, const uint8_t *request, hub_fault *fault);
/* *ret_same: the request was the same. HUB_MISSING: this key did not come. */
hub_status consent_by_key(store *db, int64_t point, int64_t grantor, const uint8_t *key, const uint8_t *request,
			  arena *a, consent *ret, bool *ret_same);
hub_status consent_by_id(store *db, uint64_t id, arena *a, consent *ret); /* HUB_MISSING */
/* Newest first, below `before` (0: from the newest); grantor, grantee, point 0: any. */
typedef struct consent_filter {
	int64_t grantor, grantee, point;
	int64_t party; /* as grantor or grantee */
	bool active;   /* only those */
} consent_filter;
hub_status consent_list(store *db, const consent_filter *f, uint64_t before, size_t limit, arena *a, consent **ret,
			size_t *ret_count);
/* Ends it now; again is fine and keeps the first time. HUB_MISSING. Bumps epoch "consent", if it ends anything. */
hub_status consent_withdraw(store *db, uint64_t id, const char *by, bool *ret_changed);

/* What a decision needs of a consent. */
typedef struct consent_line {
	uint64_t id;
	int64_t point;
	const char *commodity;
	consent_grain grain;
	const char *purpose;
	hub_time data_from, data_to; /* within the grantor's own time there; 0: open */
} consent_line;

/*
 * What this grantee may see of these points at `now` by consents: active ones whose grantor is still owner or
 * occupant. purpose NULL: of any. By point and id. Whoever delivers compares epoch "consent" before and after.
 */
hub_status consent_lines(store *db, int64_t grantee, const int64_t *points, size_t count, const char *purpose,
			 hub_time now, arena *a, consent_line **ret, size_t *ret_count);
/* Pure: whether it covers a value of this commodity, this fine, measured in [start, time]. */
bool consent_covers(const consent_line *l, const char *commodity, consent_grain grain, hub_time start, hub_time time);

/* In or out of comparisons with neighbours, by the party's own word. Bumps epoch "consent". */
hub_status comparison_choose(store *db, int64_t point, int64_t party, bool out);
/* The points of these that are out of comparisons, rising: an owner or occupant of today took them out. */
hub_status comparison_out(store *db, const int64_t *points, size_t count, arena *a, int64_t **ret, size_t *ret_count);

#endif
