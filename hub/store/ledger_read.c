#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/ledger_rows.h"

static void arg_accounts(args *in, ledger_balance *const *list, size_t count)
{
	arg_array(in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(in, list[i]->of.account);
	arg_array(in, OID_I32, count);
	for (size_t i = 0; i < count; i++)
		item_i32(in, list[i]->of.part);
	arg_array(in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(in, list[i]->of.currency);
}

static int by_account(const void *a, const void *b)
{
	return ledger_account_compare(&(*(ledger_balance *const *)a)->of, &(*(ledger_balance *const *)b)->of);
}

static void copy_hash(const PGresult *r, int row, int col, uint8_t hash[32])
{
	size_t len;
	const uint8_t *bytes = get_bytes(r, row, col, &len);
	memcpy(hash, bytes, len < 32 ? len : 32);
}

static hub_status read_heads(store *db, ledger_balance *const *order, size_t count, hub_time at)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_accounts(&in, order, count);
	if (at)
		arg_time(&in, at);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run_planned(db, at ? "ledger_heads_at" : "ledger_heads", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		*order[i] = (ledger_balance){ .of = order[i]->of };
	for (int i = 0; i < PQntuples(res); i++) {
		ledger_balance *h = order[get_i64(res, i, 0) - 1];
		h->seq = get_i64(res, i, 1);
		h->time = get_time(res, i, 2);
		h->balance = get_i64(res, i, 3);
		h->held_debit = get_i64(res, i, 4);
		h->held_credit = get_i64(res, i, 5);
		copy_hash(res, i, 6, h->hash);
	}
	return HUB_OK;
}

/* Asked for in the order of the index, so that neighbours share its pages. */
hub_status ledger_heads(store *db, ledger_balance *heads, size_t count, hub_time at)
{
	ledger_balance **order = fail_malloc((count + 1) * sizeof *order);
	if (!order)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		order[i] = &heads[i];
	qsort(order, count, sizeof *order, by_account);
	hub_status st = read_heads(db, order, count, at);
	free(order);
	return st;
}

hub_status ledger_balances(store *db, ledger_balance *list, size_t count, hub_time at)
{
	return ledger_heads(db, list, count, at);
}

static void part_row(fetch *f, int i, void *ret)
{
	*(ledger_balance *)ret = (ledger_balance){ .of = { get_i64(f->r, i, 0), (int32_t)get_i64(f->r, i, 1),
							   (int16_t)get_i64(f->r, i, 2) } };
}

static hub_status parts(store *db, const int64_t *accounts, size_t count, arena *a, ledger_balance **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, accounts, count);
	ledger_balance *list;
	size_t n;
	hub_status st = sql_list(db, "ledger_parts", &in, a, sizeof *list, part_row, &list, &n);
	if (st == HUB_OK)
		st = ledger_heads(db, list, n, 0);
	if (st == HUB_OK) {
		*ret = list;
		*ret_count = n;
	}
	return st;
}

hub_status ledger_of_account(store *db, int64_t account, arena *a, ledger_balance **ret, size_t *ret_count)
{
	return parts(db, &account, 1, a, ret, ret_count);
}

hub_status ledger_of_party(store *db, int64_t who, arena *a, ledger_balance **ret, size_t *ret_count)
{
	int64_t stripes[LEDGER_STRIPES];
	for (int i = 0; i < LEDGER_STRIPES; i++)
		stripes[i] = ledger_settlement(who, i);
	return parts(db, stripes, LEDGER_STRIPES, a, ret, ret_count);
}

void ledger_line_fetch(fetch *f, int i, void *ret)
{
	const PGresult *r = f->r;
	ledger_line *l = ret;
	*l = (ledger_line){
		.of = { get_i64(r, i, 0), (int32_t)get_i64(r, i, 1), (int16_t)get_i64(r, i, 2) },
		.seq = get_i64(r, i, 3), .time = get_time(r, i, 4), .amount = get_i64(r, i, 5),
		.balance = get_i64(r, i, 6), .kind = (ledger_action)get_i64(r, i, 7), .hold = get_i64(r, i, 8),
		.held_debit = get_i64(r, i, 9), .held_credit = get_i64(r, i, 10), .home = get_i64(r, i, 11),
	};
	size_t len;
	const uint8_t *key = get_bytes(r, i, 12, &len);
	memcpy(l->key, key, len < 16 ? len : 16);
	copy_hash(r, i, 13, l->hash);
	if (!get_null(r, i, 14))
		l->body = fetch_bytes(f, i, 14, &l->body_len);
}

hub_status ledger_lines(store *db, ledger_account of, int64_t after, size_t limit, arena *a, ledger_line **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, of.account);
	arg_i32(&in, of.part);
	arg_i16(&in, of.currency);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "ledger_lines", &in, a, sizeof **ret, ledger_line_fetch, ret, ret_count);
}

hub_status ledger_find(store *db, int64_t home, const char *key, arena *a, ledger_line *ret)
{
	ledger_book digests;
	uint8_t digest[16];
	hub_status st = ledger_book_init(&digests, 1);
	if (st != HUB_OK)
		return st;
	st = ledger_key(&digests, false, key, digest) ? HUB_OK : HUB_FAILED;
	ledger_book_fini(&digests);
	AUTO_ARGS in;
	ledger_line *list;
	size_t count = 0;
	args_init(&in);
	arg_i64(&in, home);
	arg_bytes(&in, digest, sizeof digest);
	if (st == HUB_OK)
		st = sql_list(db, "ledger_find", &in, a, sizeof *list, ledger_line_fetch, &list, &count);
	if (st == HUB_OK && count)
		*ret = list[0];
	return st == HUB_OK && !count ? HUB_MISSING : st;
}

hub_status ledger_scan(store *db, const ledger_line *after, size_t limit, arena *a, ledger_line **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, after ? after->of.account : INT64_MIN);
	arg_i32(&in, after ? after->of.part : 0);
	arg_i16(&in, after ? after->of.currency : 0);
	arg_i64(&in, after ? after->seq : 0);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "ledger_scan", &in, a, sizeof **ret, ledger_line_fetch, ret, ret_count);
}
