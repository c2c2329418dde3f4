#include "store/reconcile.h"

#include "store/ledger.h"
#include "store/statement.h"

static void utility(fetch *f, int i, void *ret)
{
	*(reconcile_utility *)ret = (reconcile_utility){
		.party = get_i64(f->r, i, 0), .billed = get_i64(f->r, i, 1), .paid = get_i64(f->r, i, 2),
		.receivable = get_i64(f->r, i, 3), .unpaid = get_i64(f->r, i, 4), .collected = get_i64(f->r, i, 5),
	};
}

static void cash(fetch *f, int i, void *ret)
{
	*(reconcile_provider *)ret = (reconcile_provider){ .party = get_i64(f->r, i, 0), .paid = get_i64(f->r, i, 1),
							   .cash = get_i64(f->r, i, 2) };
}

static hub_status list(store *db, const char *name, int64_t party, arena *a, size_t size, fetch_row row, void *ret,
		       size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, LEDGER_STRIPES);
	return sql_list(db, name, &in, a, size, row, ret, ret_count);
}

hub_status reconcile_utilities(store *db, int64_t party, arena *a, reconcile_utility **ret, size_t *ret_count)
{
	return list(db, "reconcile_utilities", party, a, sizeof **ret, utility, ret, ret_count);
}

hub_status reconcile_providers(store *db, int64_t party, arena *a, reconcile_provider **ret, size_t *ret_count)
{
	return list(db, "reconcile_providers", party, a, sizeof **ret, cash, ret, ret_count);
}
