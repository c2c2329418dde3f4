#include "store/sales.h"

#include "store/ledger.h"
#include "store/statement.h"

static void fetched(fetch *f, int i, void *ret)
{
	*(sales_row *)ret = (sales_row) {
		.party = fetch_text(f, i, 0),
		.name_zh = fetch_text(f, i, 1),
		.name_en = fetch_text(f, i, 2),
		.provider = get_bool(f->r, i, 3),
		.start = get_time(f->r, i, 4),
		.currency = (int16_t)get_i64(f->r, i, 5),
		.billed = get_i64(f->r, i, 6),
		.cancelled = get_i64(f->r, i, 7),
		.paid = get_i64(f->r, i, 8),
		.refunded = get_i64(f->r, i, 9),
		.accounts = get_i64(f->r, i, 10),
	};
}

hub_status sales_list(store *db, const sales_ask *q, arena *a, sales_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, q->party);
	arg_i64(&in, LEDGER_STRIPES);
	arg_time(&in, q->from);
	arg_time(&in, q->to);
	arg_text(&in, q->zone);
	arg_text(&in, q->step);
	return sql_list(db, "sales_list", &in, a, sizeof **ret, fetched, ret, ret_count);
}
