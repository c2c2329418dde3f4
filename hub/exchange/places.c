#include "exchange/places.h"

#include "store/premise.h"

hub_status places_by_code(store *db, const char *const *codes, size_t count, arena *a, const int64_t **ret,
			  hub_fault *fault)
{
	int64_t *ids = arena_array(a, count, sizeof *ids);
	hub_status st = ids ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		premise p;
		st = premise_by_code(db, codes[i], a, &p);
		if (st == HUB_MISSING)
			hub_fault_set(fault, "premise.unknown", "premises", "there is no place '%.64s'", codes[i]);
		ids[i] = st == HUB_OK ? p.id : 0;
	}
	*ret = ids;
	return st;
}

hub_status places_codes(store *db, const int64_t *ids, size_t count, arena *a, const char ***ret, size_t *ret_count)
{
	const char **codes = arena_array(a, count, sizeof *codes);
	hub_status st = codes ? HUB_OK : HUB_NOMEM;
	size_t n = 0;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		premise p;
		st = premise_by_id(db, ids[i], a, &p);
		if (st == HUB_OK)
			codes[n++] = p.code;
		else if (st == HUB_MISSING)
			st = HUB_OK;
	}
	*ret = codes;
	*ret_count = n;
	return st;
}
