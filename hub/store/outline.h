/* Outlines of places: what a map without tiles draws. */
#ifndef STORE_OUTLINE_H
#define STORE_OUTLINE_H

#include "store/store.h"

typedef struct outline {
	int64_t premise;
	const char *geometry; /* GeoJSON's geometry object, as registry/area.h made it */
} outline;

/* Adds or replaces. HUB_MISSING: no such premise. */
hub_status outline_put(store *db, const outline *o, bool *ret_existed, bool *ret_changed, hub_fault *fault);
/* Those there are of these premises, by premise. */
hub_status outline_list(store *db, const int64_t *premises, size_t count, arena *a, outline **ret, size_t *ret_count);

#endif
