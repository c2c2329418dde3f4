#include "store/bill.h"

#include <string.h>

#include "store/statement.h"

#define COLUMN(type, item, field)                                                                        \
	do {                                                                                             \
		arg_array(&in, type, count);                                                             \
		for (size_t i = 0; i < count; i++)                                                       \
			item(&in, rows[i].field);                                                        \
	} while (0)

hub_status bill_insert(store *db, const bill_row *rows, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	COLUMN(OID_I64, item_i64, account);
	COLUMN(OID_I32, item_i32, cycle);
	COLUMN(OID_I16, item_i16, revision);
	COLUMN(OID_I16, item_i16, currency);
	COLUMN(OID_I64, item_i64, total);
	COLUMN(OID_TIME, item_time, due);
	COLUMN(OID_I32, item_i32, paid_count);
	COLUMN(OID_TEXT, item_text, body);
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, sql_do(db, "bill_insert", &in, NULL)) : st;
}

static void row(fetch *f, int i, void *ret)
{
	bill_row *b = ret;
	*b = (bill_row){ .account = get_i64(f->r, i, 0), .cycle = (int32_t)get_i64(f->r, i, 1),
			 .revision = (int16_t)get_i64(f->r, i, 2), .state = (bill_state)get_i64(f->r, i, 3),
			 .currency = (int16_t)get_i64(f->r, i, 4), .total = get_i64(f->r, i, 5), .due = get_time(f->r, i, 6),
			 .body = fetch_text(f, i, 8), .made = get_time(f->r, i, 9) };
	b->paid = fetch_i64s(f, i, 7, &b->paid_count);
}

static hub_status of_accounts(store *db, const char *name, const int64_t *accounts, size_t count, int32_t cycle, arena *a,
			      size_t size, fetch_row each, void *ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, accounts, count);
	arg_i32(&in, cycle);
	return sql_list(db, name, &in, a, size, each, ret, ret_count);
}

hub_status bill_of_cycle(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, bill_row **ret,
			 size_t *ret_count)
{
	return of_accounts(db, "bill_of_cycle", accounts, count, cycle, a, sizeof **ret, row, ret, ret_count);
}

hub_status bill_before(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, bill_row **ret,
		       size_t *ret_count)
{
	return of_accounts(db, "bill_before", accounts, count, cycle, a, sizeof **ret, row, ret, ret_count);
}

hub_status bill_lock(store *db, int64_t account, arena *a, bill_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, account);
	return sql_list(db, "bill_lock", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status bill_of_account(store *db, int64_t account, int32_t from, size_t limit, arena *a, bill_row **ret,
			   size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, account);
	arg_i32(&in, from);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "bill_of_account", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status bill_update(store *db, const bill_row *b)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, b->account);
	arg_i32(&in, b->cycle);
	arg_i16(&in, b->revision);
	arg_i16(&in, (int16_t)b->state);
	arg_i64s(&in, b->paid, b->paid_count);
	return sql_do(db, "bill_update", &in, NULL);
}

hub_status bill_import(store *db, const bill_imported *b, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, b->account);
	arg_i32(&in, b->cycle);
	arg_i64(&in, b->party);
	arg_i64(&in, b->point);
	arg_i64(&in, b->amount);
	arg_time(&in, b->start);
	arg_time(&in, b->end);
	arg_text(&in, b->quantity);
	arg_text(&in, b->unit);
	arg_text(&in, b->reference);
	arg_text(&in, b->detail ? b->detail : "");
	arg_bytes(&in, b->sealed, b->sealed ? 32 : 0);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "bill_import", &in, &res, fault);
	if (st != HUB_OK || (get_i64(res, 0, 0) == b->amount && get_bool(res, 0, 1)))
		return st;
	hub_fault_set(fault, "bill.imported", "amount", "this cycle has another amount or reference already; let the utility "
		      "send a correction as the next cycle's item");
	return HUB_CONFLICT;
}

static void import_row(fetch *f, int i, void *ret)
{
	*(bill_imported *)ret = (bill_imported){
		.account = get_i64(f->r, i, 0), .cycle = (int32_t)get_i64(f->r, i, 1), .party = get_i64(f->r, i, 2),
		.point = get_i64(f->r, i, 3), .amount = get_i64(f->r, i, 4), .start = get_time(f->r, i, 5),
		.end = get_time(f->r, i, 6), .quantity = fetch_text(f, i, 7), .unit = fetch_text(f, i, 8),
		.reference = fetch_text(f, i, 9), .detail = fetch_text(f, i, 10),
		.sealed = get_null(f->r, i, 11) ? NULL : fetch_bytes(f, i, 11, &(size_t){ 0 }),
	};
}

hub_status bill_imports(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, bill_imported **ret,
			size_t *ret_count)
{
	return of_accounts(db, "bill_imports", accounts, count, cycle, a, sizeof **ret, import_row, ret, ret_count);
}

hub_status payment_insert(store *db, const payment_row *p)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, p->account);
	arg_text(&in, p->id);
	arg_i64(&in, p->provider);
	arg_i16(&in, p->currency);
	arg_i64(&in, p->amount);
	arg_i16(&in, p->rule);
	arg_text(&in, p->targets);
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, sql_do(db, "payment_insert", &in, NULL)) : st;
}

static void payment_fetch(fetch *f, int i, void *ret)
{
	*(payment_row *)ret = (payment_row){
		.account = get_i64(f->r, i, 0), .id = fetch_text(f, i, 1), .state = (payment_state)get_i64(f->r, i, 2),
		.provider = get_i64(f->r, i, 3), .currency = (int16_t)get_i64(f->r, i, 4), .amount = get_i64(f->r, i, 5),
		.rule = (int16_t)get_i64(f->r, i, 6), .targets = fetch_text(f, i, 7), .split = fetch_text(f, i, 8),
		.reference = fetch_text(f, i, 9), .made = get_time(f->r, i, 10), .paid = get_time(f->r, i, 11),
		.refunded = get_time(f->r, i, 12),
	};
}

hub_status payment_lock(store *db, int64_t account, const char *id, arena *a, payment_row *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, account);
	arg_text(&in, id);
	return sql_one(db, "payment_lock", &in, a, sizeof *ret, payment_fetch, ret);
}

hub_status payment_of_account(store *db, int64_t account, size_t limit, arena *a, payment_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, account);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "payment_of_account", &in, a, sizeof **ret, payment_fetch, ret, ret_count);
}

hub_status payment_of_provider(store *db, int64_t provider, hub_time from, hub_time to, arena *a, payment_row **ret,
			       size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, provider);
	arg_time(&in, from);
	arg_time(&in, to);
	return sql_list(db, "payment_of_provider", &in, a, sizeof **ret, payment_fetch, ret, ret_count);
}

hub_status payment_update(store *db, const payment_row *p)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, p->account);
	arg_text(&in, p->id);
	arg_i16(&in, (int16_t)p->state);
	arg_text(&in, p->split);
	arg_text(&in, p->reference);
	return sql_do(db, "payment_update", &in, NULL);
}

hub_status bill_file_keep(store *db, const bill_file *f, uint8_t ret_digest[32])
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, f->party);
	arg_bytes(&in, f->text, f->len);
	arg_text(&in, f->thumbprint);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "bill_file_keep", &in, &res, NULL);
	size_t len = 0;
	const uint8_t *digest = st == HUB_OK ? get_bytes(res, 0, 0, &len) : NULL;
	if (st == HUB_OK && len != 32)
		return HUB_FAILED;
	if (st == HUB_OK)
		memcpy(ret_digest, digest, 32);
	return st;
}

static void file_row(fetch *f, int i, void *ret)
{
	bill_file *file = ret;
	*file = (bill_file){ .party = get_i64(f->r, i, 0), .thumbprint = fetch_text(f, i, 2), .received = get_time(f->r, i, 3) };
	file->text = (const char *)fetch_bytes(f, i, 1, &file->len);
}

hub_status bill_file_find(store *db, int64_t party, const uint8_t digest[32], arena *a, bill_file *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_bytes(&in, digest, 32);
	return sql_one(db, "bill_file_find", &in, a, sizeof *ret, file_row, ret);
}
