#include "deliver/feed.h"

#include "store/position.h"

hub_status feed_sequence(store *db, size_t limit, size_t *ret_done)
{
	hub_status st = store_begin(db);
	size_t done = 0;
	if (st == HUB_OK)
		st = position_give(db, limit, &done);
	if (st == HUB_OK)
		st = store_commit(db);
	else
		store_rollback(db);
	if (st == HUB_OK)
		*ret_done = done;
	return st;
}

hub_status feed_peek(store *db, int64_t party, uint64_t after, size_t limit, arena *a,
		     feed_entry **ret_entries, size_t *ret_count)
{
	position *list;
	size_t count;
	hub_status st = position_list(db, party, after, limit, a, &list, &count);
	if (st != HUB_OK)
		return st;
	feed_entry *entries = arena_array(a, count, sizeof *entries);
	if (!entries)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		entries[i] = (feed_entry){ list[i].position, list[i].receipt, list[i].at };
	*ret_entries = entries;
	*ret_count = count;
	return HUB_OK;
}

static hub_status dequeue(store *db, int64_t party, uint64_t upto, hub_fault *fault)
{
	uint64_t acknowledged, last;
	hub_status st = position_head(db, party, true, &acknowledged, &last);
	if (st != HUB_OK || upto == acknowledged)
		return st;
	if (upto < acknowledged)
		return hub_fault_set(fault, "feed.back", "position",
				     "positions up to %llu are acknowledged and %llu lies below; use replay to read again",
				     (unsigned long long)acknowledged, (unsigned long long)upto);
	if (upto > last)
		return hub_fault_set(fault, "feed.ahead", "position",
				     "the last position given is %llu and %llu lies beyond; acknowledge what was read",
				     (unsigned long long)last, (unsigned long long)upto);
	return position_acknowledge(db, party, upto);
}

hub_status feed_dequeue(store *db, int64_t party, uint64_t upto, hub_fault *fault)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, dequeue(db, party, upto, fault)) : st;
}

hub_status feed_state(store *db, int64_t party, uint64_t *ret_acknowledged, uint64_t *ret_last)
{
	return position_head(db, party, false, ret_acknowledged, ret_last);
}
