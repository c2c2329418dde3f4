#include "store/receipt.h"

#include <string.h>

#include "store/statement.h"

static void arg_source(args *in, int64_t party, const char *source, uint64_t epoch)
{
	arg_i64(in, party);
	arg_text(in, source);
	arg_i64(in, (int64_t)epoch);
}

hub_status source_lock(store *db, int64_t party, const char *source, uint64_t epoch, uint64_t *ret_next)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_source(&in, party, source, epoch);
	int64_t next;
	hub_status st = sql_number(db, "source_lock", &in, &next, NULL);
	if (st == HUB_OK)
		*ret_next = (uint64_t)next;
	return st;
}

hub_status source_advance(store *db, int64_t party, const char *source, uint64_t epoch, uint64_t next)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_source(&in, party, source, epoch);
	arg_i64(&in, (int64_t)next);
	return sql_do(db, "source_advance", &in, NULL);
}

hub_status receipt_number(store *db, uint64_t *ret)
{
	int64_t id;
	hub_status st = sql_number(db, "receipt_number", NULL, &id, NULL);
	if (st == HUB_OK)
		*ret = (uint64_t)id;
	return st;
}

hub_status receipt_insert(store *db, const receipt *r)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->party);
	arg_i64(&in, (int64_t)r->id);
	arg_text(&in, r->source);
	arg_i64(&in, (int64_t)r->epoch);
	arg_i64(&in, (int64_t)r->first);
	arg_i32(&in, (int32_t)r->count);
	arg_bytes(&in, r->digest, sizeof r->digest);
	arg_bytes(&in, r->trace.bytes, sizeof r->trace.bytes);
	arg_i32(&in, (int32_t)r->stored);
	arg_i32(&in, (int32_t)r->duplicates);
	arg_i32(&in, (int32_t)r->quarantined);
	arg_time(&in, r->received);
	return sql_do(db, "receipt_insert", &in, NULL);
}

static void copy_bytes(const PGresult *r, int row, int col, uint8_t *to, size_t size)
{
	size_t len;
	const uint8_t *bytes = get_bytes(r, row, col, &len);
	memcpy(to, bytes, len < size ? len : size);
}

static void row(fetch *f, int i, void *ret)
{
	receipt *r = ret;
	r->id = (uint64_t)get_i64(f->r, i, 0);
	r->party = get_i64(f->r, i, 1);
	r->source = fetch_text(f, i, 2);
	r->epoch = (uint64_t)get_i64(f->r, i, 3);
	r->first = (uint64_t)get_i64(f->r, i, 4);
	r->count = (uint32_t)get_i64(f->r, i, 5);
	copy_bytes(f->r, i, 6, r->digest, sizeof r->digest);
	copy_bytes(f->r, i, 7, r->trace.bytes, sizeof r->trace.bytes);
	r->stored = (uint32_t)get_i64(f->r, i, 8);
	r->duplicates = (uint32_t)get_i64(f->r, i, 9);
	r->quarantined = (uint32_t)get_i64(f->r, i, 10);
	r->received = get_time(f->r, i, 11);
	r->committed = get_time(f->r, i, 12);
}

hub_status receipt_by_id(store *db, uint64_t id, arena *a, receipt *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)id);
	return sql_one(db, "receipt_by_id", &in, a, sizeof *ret, row, ret);
}

hub_status receipt_of_record(store *db, int64_t party, const char *source, uint64_t epoch, uint64_t sequence,
			     arena *a, receipt *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_source(&in, party, source, epoch);
	arg_i64(&in, (int64_t)sequence);
	return sql_one(db, "receipt_of_record", &in, a, sizeof *ret, row, ret);
}

hub_status receipt_by_trace(store *db, const trace_id *trace, arena *a, receipt **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_bytes(&in, trace->bytes, sizeof trace->bytes);
	return sql_list(db, "receipt_by_trace", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status receipt_list(store *db, const char *source, uint64_t before, size_t limit, arena *a, receipt **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, source);
	arg_i64(&in, (int64_t)before);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "receipt_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status receipt_of_party(store *db, int64_t party, const char *source, uint64_t before, size_t limit, arena *a, receipt **ret,
			    size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, source);
	arg_i64(&in, (int64_t)before);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "receipt_of_party", &in, a, sizeof **ret, row, ret, ret_count);
}
