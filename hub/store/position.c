#include "store/position.h"

#include "store/outbox.h"
#include "store/statement.h"

/* The announcements' numbers as the one parameter of the statements that follow. */
static hub_status take(store *db, size_t limit, args *ids, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)limit);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "announcement_take", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	*ret_count = (size_t)PQntuples(res);
	arg_array(ids, OID_I64, *ret_count);
	for (int i = 0; i < PQntuples(res); i++)
		item_i64(ids, get_i64(res, i, 0));
	return HUB_OK;
}

/* Each party once, though `matches` has it once per announcement, by party. */
static void arg_parties(args *in, const PGresult *matches)
{
	size_t count = 0;
	for (int i = 0; i < PQntuples(matches); i++)
		count += !i || get_i64(matches, i, 0) != get_i64(matches, i - 1, 0);
	arg_array(in, OID_I64, count);
	for (int i = 0; i < PQntuples(matches); i++)
		if (!i || get_i64(matches, i, 0) != get_i64(matches, i - 1, 0))
			item_i64(in, get_i64(matches, i, 0));
}

/* Both results rise by party, and every party of `matches` is in `heads`. */
static hub_status insert(store *db, const PGresult *matches, const PGresult *heads)
{
	int rows = PQntuples(matches), parties = PQntuples(heads);
	AUTO_ARGS in, advance;
	args_init(&in);
	args_init(&advance);
	arg_array(&in, OID_I64, (size_t)rows);
	for (int i = 0; i < rows; i++)
		item_i64(&in, get_i64(matches, i, 0));
	arg_array(&in, OID_I64, (size_t)rows);
	int64_t given = 0;
	for (int i = 0, h = 0; i < rows; i++) {
		if (i && get_i64(matches, i, 0) != get_i64(matches, i - 1, 0))
			h++;
		if (!i || get_i64(matches, i, 0) != get_i64(matches, i - 1, 0))
			given = get_i64(heads, h, 1);
		item_i64(&in, ++given);
	}
	arg_array(&in, OID_I64, (size_t)rows);
	for (int i = 0; i < rows; i++)
		item_i64(&in, get_i64(matches, i, 2));
	hub_status st = sql_do(db, "position_insert", &in, NULL);
	if (st != HUB_OK)
		return st;
	arg_parties(&advance, matches);
	arg_array(&advance, OID_I64, (size_t)parties);
	for (int h = 0, i = 0; h < parties; h++) {
		int64_t last = get_i64(heads, h, 1);
		for (; i < rows && get_i64(matches, i, 0) == get_i64(heads, h, 0); i++)
			last++;
		item_i64(&advance, last);
	}
	return sql_do(db, "position_advance", &advance, NULL);
}

static hub_status give(store *db, const args *ids)
{
	AUTO_RESULT matches = NULL;
	hub_status st = sql_run(db, "announcement_matches", ids, &matches, NULL);
	if (st != HUB_OK || !PQntuples(matches))
		return st;
	AUTO_ARGS parties;
	args_init(&parties);
	arg_parties(&parties, matches);
	AUTO_RESULT heads = NULL;
	st = sql_do(db, "position_heads", &parties, NULL);
	if (st == HUB_OK)
		st = sql_run(db, "position_heads_lock", &parties, &heads, NULL);
	if (st == HUB_OK)
		st = insert(db, matches, heads);
	return st == HUB_OK ? sql_do(db, "position_notify", &parties, NULL) : st;
}

hub_status position_give(store *db, size_t limit, size_t *ret_done)
{
	AUTO_ARGS ids;
	args_init(&ids);
	size_t count = 0;
	hub_status st = take(db, limit, &ids, &count);
	if (st == HUB_OK && count)
		st = give(db, &ids);
	if (st == HUB_OK && count)
		st = outbox_give(db, &ids);
	if (st == HUB_OK && count)
		st = sql_do(db, "announcement_done", &ids, NULL);
	if (st == HUB_OK)
		*ret_done = count;
	return st;
}

static void row(fetch *f, int i, void *ret)
{
	*(position *)ret = (position){ (uint64_t)get_i64(f->r, i, 0), (uint64_t)get_i64(f->r, i, 1), get_time(f->r, i, 2) };
}

hub_status position_list(store *db, int64_t party, uint64_t after, size_t limit, arena *a, position **ret,
			 size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "position_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status position_head(store *db, int64_t party, bool lock, uint64_t *ret_acknowledged, uint64_t *ret_last)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, lock ? "position_head_lock" : "position_head", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	*ret_acknowledged = PQntuples(res) ? (uint64_t)get_i64(res, 0, 0) : 0;
	*ret_last = PQntuples(res) ? (uint64_t)get_i64(res, 0, 1) : 0;
	return HUB_OK;
}

hub_status position_acknowledge(store *db, int64_t party, uint64_t upto)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)upto);
	return sql_do(db, "position_acknowledge", &in, NULL);
}

static void told_row(fetch *f, int i, void *ret)
{
	*(position_told *)ret = (position_told){ fetch_text(f, i, 0), (uint64_t)get_i64(f->r, i, 1), get_time(f->r, i, 2),
						 get_bool(f->r, i, 3) };
}

hub_status position_of_receipt(store *db, uint64_t receipt, arena *a, position_told **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)receipt);
	return sql_list(db, "position_of_receipt", &in, a, sizeof **ret, told_row, ret, ret_count);
}
