#include "store/board.h"

#include "store/statement.h"

static void party_row(fetch *f, int i, void *ret)
{
	board_party *p = ret;
	int64_t *const figures[] = { &p->received, &p->stored, &p->duplicates, &p->refused, &p->open, &p->subscriptions, &p->paused,
				     &p->queued, &p->dead };
	p->id = get_i64(f->r, i, 0);
	p->code = fetch_text(f, i, 1);
	p->name_zh = fetch_text(f, i, 2);
	p->name_en = fetch_text(f, i, 3);
	for (int k = 0; k < 9; k++)
		*figures[k] = get_i64(f->r, i, 4 + k);
}

hub_status board_parties(store *db, int64_t party, hub_time since, size_t limit, arena *a, board_party **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_time(&in, since);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "board_parties", &in, a, sizeof **ret, party_row, ret, ret_count);
}

static void source_row(fetch *f, int i, void *ret)
{
	board_source *s = ret;
	s->name = fetch_text(f, i, 0);
	s->party = fetch_text(f, i, 1);
	s->adapter = fetch_text(f, i, 2);
	s->zone = fetch_text(f, i, 3);
	s->enabled = get_bool(f->r, i, 4);
	s->last = get_time(f->r, i, 5);
	s->hour = get_i64(f->r, i, 6);
	s->day = get_i64(f->r, i, 7);
	s->refused = get_i64(f->r, i, 8);
	s->receipts = fetch_i64s(f, i, 9, &s->receipt_count);
}

hub_status board_sources(store *db, int64_t party, hub_time hour, hub_time day, size_t limit, arena *a, board_source **ret,
			 size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_time(&in, hour);
	arg_time(&in, day);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "board_sources", &in, a, sizeof **ret, source_row, ret, ret_count);
}

static void import_row(fetch *f, int i, void *ret)
{
	board_import *b = ret;
	b->account = fetch_text(f, i, 0);
	b->point = fetch_text(f, i, 1);
	b->reference = fetch_text(f, i, 2);
	b->quantity = fetch_text(f, i, 3);
	b->unit = fetch_text(f, i, 4);
	b->cycle = (int32_t)get_i64(f->r, i, 5);
	b->amount = get_i64(f->r, i, 6);
	b->start = get_time(f->r, i, 7);
	b->end = get_time(f->r, i, 8);
	b->sealed = get_bool(f->r, i, 9);
	b->billed = get_bool(f->r, i, 10);
	b->next = (uint64_t)get_i64(f->r, i, 11);
}

hub_status board_imports(store *db, int64_t party, int32_t cycle, uint64_t after, size_t limit, arena *a, board_import **ret,
			 size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i32(&in, cycle);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "board_imports", &in, a, sizeof **ret, import_row, ret, ret_count);
}

static void share_row(fetch *f, int i, void *ret)
{
	board_share *s = ret;
	s->account = fetch_text(f, i, 0);
	s->bill = fetch_text(f, i, 1);
	s->cycle = (int32_t)get_i64(f->r, i, 2);
	s->part = (int32_t)get_i64(f->r, i, 3);
	s->amount = get_i64(f->r, i, 4);
	s->order = fetch_text(f, i, 5);
	s->payment = get_i64(f->r, i, 6);
	s->refunded = get_bool(f->r, i, 7);
	s->provider = fetch_text(f, i, 8);
	s->reference = fetch_text(f, i, 9);
	s->paid = get_time(f->r, i, 10);
	s->next = (uint64_t)get_i64(f->r, i, 11);
}

hub_status board_shares(store *db, int64_t party, int32_t cycle, uint64_t after, size_t limit, arena *a, board_share **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i32(&in, cycle);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "board_shares", &in, a, sizeof **ret, share_row, ret, ret_count);
}
