#include "store/account.h"

#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	*(billing_account *)ret = (billing_account){
		.id = get_i64(f->r, i, 0), .code = fetch_text(f, i, 1), .kind = fetch_text(f, i, 2),
		.name_zh = fetch_text(f, i, 3), .name_en = fetch_text(f, i, 4), .zone = fetch_text(f, i, 5),
		.holder = get_i64(f->r, i, 6),
	};
}

hub_status account_by_code(store *db, const char *code, arena *a, billing_account *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	return sql_one(db, "account_by_code", &in, a, sizeof *ret, row, ret);
}

hub_status account_by_id(store *db, int64_t id, arena *a, billing_account *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "account_by_id", &in, a, sizeof *ret, row, ret);
}

hub_status account_of_holder(store *db, int64_t holder, arena *a, billing_account **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, holder);
	return sql_list(db, "account_of_holder", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status account_list(store *db, int64_t after, size_t limit, arena *a, billing_account **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "account_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status put(store *db, const billing_account *b, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, b->code);
	arg_text(&in, b->kind);
	arg_text(&in, b->name_zh ? b->name_zh : "");
	arg_text(&in, b->name_en ? b->name_en : "");
	arg_text(&in, b->zone ? b->zone : "Asia/Shanghai");
	arg_i64(&in, b->holder);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "account_put", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	AUTO_ARGS code;
	args_init(&code);
	arg_text(&code, b->code);
	*ret_changed = sql_rows(res);
	return sql_number(db, "account_by_code", &code, ret_id, fault);
}

hub_status account_put(store *db, const billing_account *b, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	int64_t id = 0;
	bool changed = false;
	hub_status st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, put(db, b, &id, &changed, fault));
	if (st == HUB_OK) {
		*ret_id = id;
		if (ret_changed)
			*ret_changed = changed;
	}
	return st;
}

static void arg_contract(args *in, const contract *c)
{
	arg_i64(in, c->account);
	arg_i64(in, c->point);
	arg_i64(in, c->party);
	arg_text(in, c->tariff ? c->tariff : "");
	arg_text(in, c->facts ? c->facts : "{}");
	arg_from(in, c->valid_from);
	arg_to(in, c->valid_to);
}

static hub_status begin(store *db, const contract *c, bool *ret_changed, hub_fault *fault)
{
	int64_t found;
	AUTO_ARGS point, whole, clash, close;
	args_init(&point);
	args_init(&whole);
	args_init(&clash);
	args_init(&close);
	arg_i64(&point, c->point);
	arg_contract(&whole, c);
	arg_i64(&clash, c->point);
	arg_i64(&clash, c->account);
	arg_from(&clash, c->valid_from);
	arg_to(&clash, c->valid_to);
	arg_i64(&close, c->account);
	arg_i64(&close, c->point);
	arg_from(&close, c->valid_from);
	hub_status st = sql_do(db, "contract_lock", &point, fault);
	if (st == HUB_OK)
		st = sql_number(db, "contract_same", &whole, &found, fault);
	*ret_changed = st == HUB_MISSING;
	if (st != HUB_MISSING)
		return st;
	st = sql_number(db, "contract_clash", &clash, &found, fault);
	if (st == HUB_OK) {
		hub_fault_set(fault, "contract.overlap", "valid_from", "another contract holds the point then; end it first "
			      "(move out), or begin this one when it ends");
		return HUB_CONFLICT;
	}
	if (st == HUB_MISSING)
		st = sql_do(db, "contract_close", &close, fault);
	return st == HUB_OK ? sql_do(db, "contract_insert", &whole, fault) : st;
}

hub_status contract_begin(store *db, const contract *c, bool *ret_changed, hub_fault *fault)
{
	bool changed = false;
	hub_status st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, begin(db, c, &changed, fault));
	if (st == HUB_OK && ret_changed)
		*ret_changed = changed;
	return st;
}

hub_status contract_end(store *db, int64_t account, int64_t point, hub_time at)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, account);
	arg_i64(&in, point);
	arg_time(&in, at);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "contract_end", &in, &res, NULL);
	return st == HUB_OK && !sql_rows(res) ? HUB_MISSING : st;
}

static void contract_row(fetch *f, int i, void *ret)
{
	*(contract *)ret = (contract){
		.account = get_i64(f->r, i, 0), .point = get_i64(f->r, i, 1), .party = get_i64(f->r, i, 2),
		.tariff = fetch_text(f, i, 3), .facts = fetch_text(f, i, 4), .valid_from = get_time(f->r, i, 5),
		.valid_to = get_time(f->r, i, 6),
	};
}

hub_status contract_list(store *db, const int64_t *accounts, size_t count, hub_time from, hub_time to, arena *a,
			 contract **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, accounts, count);
	arg_from(&in, from);
	arg_to(&in, to);
	return sql_list(db, "contract_list", &in, a, sizeof **ret, contract_row, ret, ret_count);
}

hub_status contract_at(store *db, int64_t point, hub_time at, arena *a, contract *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, point);
	arg_time(&in, at);
	return sql_one(db, "contract_at", &in, a, sizeof *ret, contract_row, ret);
}
