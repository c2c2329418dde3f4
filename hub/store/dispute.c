#include "store/dispute.h"

#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	*(bill_dispute *)ret = (bill_dispute){
		.account = get_i64(f->r, i, 0), .cycle = (int32_t)get_i64(f->r, i, 1), .party = get_i64(f->r, i, 2),
		.point = get_i64(f->r, i, 3), .reason = fetch_text(f, i, 4), .opened = get_time(f->r, i, 5),
		.settled = get_null(f->r, i, 6) ? 0 : get_time(f->r, i, 6), .answer = fetch_text(f, i, 7),
	};
}

static void row_of_party(fetch *f, int i, void *ret)
{
	bill_dispute *d = ret;
	row(f, i, ret);
	d->revision = (int16_t)get_i64(f->r, i, 8);
	d->part = (int32_t)get_i64(f->r, i, 9);
	d->amount = get_i64(f->r, i, 10);
}

static void key(args *in, const bill_dispute *d)
{
	args_init(in);
	arg_i64(in, d->account);
	arg_i64(in, d->cycle);
	arg_i64(in, d->party);
	arg_i64(in, d->point);
}

hub_status dispute_open(store *db, const bill_dispute *d, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	key(&in, d);
	arg_text(&in, d->reason ? d->reason : "");
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "dispute_open", &in, &res, fault);
	if (st == HUB_OK)
		*ret_changed = sql_rows(res);
	return st;
}

hub_status dispute_settle(store *db, const bill_dispute *d)
{
	int64_t account;
	AUTO_ARGS in;
	key(&in, d);
	arg_text(&in, d->answer ? d->answer : "");
	return sql_number(db, "dispute_settle", &in, &account, NULL);
}

hub_status dispute_list(store *db, int64_t account, int32_t cycle, arena *a, bill_dispute **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, account);
	arg_i64(&in, cycle);
	return sql_list(db, "dispute_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status dispute_of_party(store *db, int64_t party, size_t limit, arena *a, bill_dispute **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "dispute_of_party", &in, a, sizeof **ret, row_of_party, ret, ret_count);
}
