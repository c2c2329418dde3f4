#include "store/policy_version.h"

#include "store/statement.h"

hub_status policy_version_put(store *db, const policy_version *v)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, v->process);
	arg_text(&in, v->version);
	arg_text(&in, v->topology);
	arg_text(&in, v->folder);
	arg_i32(&in, v->policies);
	return sql_do(db, "policy_version_put", &in, NULL);
}

static void row(fetch *f, int i, void *ret)
{
	*(policy_version *)ret = (policy_version){ fetch_text(f, i, 0), fetch_text(f, i, 1), fetch_text(f, i, 2), fetch_text(f, i, 3),
						   (int32_t)get_i64(f->r, i, 4), get_time(f->r, i, 5) };
}

hub_status policy_version_list(store *db, arena *a, policy_version **ret, size_t *ret_count)
{
	AUTO_ARGS none;
	args_init(&none);
	return sql_list(db, "policy_version_list", &none, a, sizeof **ret, row, ret, ret_count);
}
