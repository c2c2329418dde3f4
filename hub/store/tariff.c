#include "store/tariff.h"

#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	*(tariff_document *)ret = (tariff_document){ .id = get_i64(f->r, i, 0), .code = fetch_text(f, i, 1),
						     .valid_from = get_time(f->r, i, 2), .body = fetch_text(f, i, 3) };
}

hub_status tariff_document_add(store *db, const tariff_document *d, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, d->code);
	arg_from(&in, d->valid_from);
	arg_text(&in, d->body);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "tariff_document_add", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	st = sql_number(db, "tariff_document_same", &in, ret_id, fault);
	if (st == HUB_MISSING) {
		hub_fault_set(fault, "tariff.version", "valid_from", "tariff '%.64s' has another document from that moment, and "
			      "documents are never edited; give the change a later date", d->code);
		return HUB_CONFLICT;
	}
	if (st == HUB_OK && ret_changed)
		*ret_changed = sql_rows(res);
	return st;
}

hub_status tariff_document_at(store *db, const char *code, hub_time at, arena *a, tariff_document *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	arg_time(&in, at);
	return sql_one(db, "tariff_document_at", &in, a, sizeof *ret, row, ret);
}

hub_status tariff_document_by_id(store *db, int64_t id, arena *a, tariff_document *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "tariff_document_by_id", &in, a, sizeof *ret, row, ret);
}

hub_status tariff_document_list(store *db, arena *a, tariff_document **ret, size_t *ret_count)
{
	return sql_list(db, "tariff_document_list", NULL, a, sizeof **ret, row, ret, ret_count);
}
