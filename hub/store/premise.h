/* Premises: the tree of places from the city down to the home. */
#ifndef STORE_PREMISE_H
#define STORE_PREMISE_H

#include "store/store.h"

typedef struct premise {
	int64_t id, parent;  /* parent 0: a root */
	const char *kind;    /* "city", "district", "estate", "building", "home", …: the list stands in 0001 */
	const char *code;    /* unique, never changes */
	const char *name_zh, *name_en;
	hub_value area;      /* m²; digits < 0: unknown */
	const char *dwelling, *heating; /* [a-z][a-z0-9_]*, only equality counts: "flat", "detached", …; NULL or "": unknown */
	int16_t occupants;   /* people who live there; 0: unknown */
	bool vacant;         /* nobody lives there */
	bool placed;         /* lon and lat are known: degrees × 10^7, WGS 84 */
	int32_t lon, lat;
	hub_time valid_from, valid_to; /* 0: open on that side */
	const int64_t *path; /* ids from the root down to itself; not read by premise_put */
	size_t path_count;
} premise;

/*
 * Adds by code, or makes everything but the code as given; a new parent moves all below it.
 * Bumps epoch "premise". HUB_REJECT: a field breaks a rule, or the parent lies below itself;
 * HUB_MISSING: no such parent.
 */
hub_status premise_put(store *db, const premise *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault);
hub_status premise_by_code(store *db, const char *code, arena *a, premise *ret);
hub_status premise_by_id(store *db, int64_t id, arena *a, premise *ret);
/* Those of these ids and all above them, by id; those that do not exist are left out. */
hub_status premise_with_above(store *db, const int64_t *ids, size_t count, arena *a, premise **ret, size_t *ret_count);
/* Direct children of parent (0: the roots), or all below it at any depth, by id above `after`. */
hub_status premise_children(store *db, int64_t parent, bool deep, int64_t after, size_t limit, arena *a,
			    premise **ret, size_t *ret_count);
/*
 * Those where, or below which, a party has a point at that time, by id above `after`. only: just that one
 * (0: all).
 */
hub_status premise_of_party(store *db, int64_t party, hub_time at, int64_t only, int64_t after, size_t limit, arena *a,
			    premise **ret, size_t *ret_count);
/*
 * Who manages a place and all below it, as an estate's management; party 0: nobody. HUB_REJECT: there is no such place
 * or party.
 */
hub_status premise_manage(store *db, int64_t id, int64_t party, bool *ret_changed, hub_fault *fault);
/* Whether the party manages each of these places, or one above it. */
hub_status premise_managed(store *db, int64_t party, const int64_t *ids, size_t count, bool *ret);

#endif
