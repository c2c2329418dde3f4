#include "store/provider.h"

#include "store/statement.h"

hub_status provider_put(store *db, const payment_provider *p, hub_fault *fault)
{
	if (p->key_len < 16)
		return hub_fault_set(fault, "payment.key_size", "key", "a provider's key has at least 16 bytes, not %zu", p->key_len);
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, p->party);
	arg_bytes(&in, p->key, p->key_len);
	arg_text(&in, p->url ? p->url : "");
	return sql_do(db, "provider_put", &in, fault);
}

static void row(fetch *f, int i, void *ret)
{
	payment_provider *p = ret;
	*p = (payment_provider){ .party = get_i64(f->r, i, 0), .url = fetch_text(f, i, 2) };
	p->key = fetch_bytes(f, i, 1, &p->key_len);
}

hub_status provider_by_party(store *db, int64_t party, arena *a, payment_provider *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	return sql_one(db, "provider_by_party", &in, a, sizeof *ret, row, ret);
}

hub_status provider_first(store *db, arena *a, payment_provider *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	return sql_one(db, "provider_first", &in, a, sizeof *ret, row, ret);
}

static void number(fetch *f, int i, void *ret)
{
	*(int64_t *)ret = get_i64(f->r, i, 0);
}

hub_status provider_list(store *db, arena *a, int64_t **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	return sql_list(db, "provider_list", &in, a, sizeof **ret, number, ret, ret_count);
}
