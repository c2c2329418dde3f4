#include <stdlib.h>
#include <string.h>

#include "store/connection.h"
#include "store/ledger_rows.h"

enum { COLUMNS = 15 };

static const char begin[] = "savepoint ledger; copy ledger_leg (account, part, currency, seq, time, amount, balance, kind,"
			    " hold, held_debit, held_credit, home, key, hash, body) from stdin (format binary)";
static const int64_t pg_epoch = INT64_C(946684800000000);

static uint8_t *be(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = width; i--; v >>= 8)
		p[i] = (uint8_t)v;
	return p + width;
}

static uint8_t *number(uint8_t *p, int64_t v, unsigned width)
{
	return be(be(p, width, 4), (uint64_t)v, width);
}

static uint8_t *unless_zero(uint8_t *p, int64_t v)
{
	return v ? number(p, v, 8) : be(p, UINT32_MAX, 4);
}

static uint8_t *bytes(uint8_t *p, const void *from, size_t len)
{
	p = be(p, len, 4);
	memcpy(p, from, len);
	return p + len;
}

static void put(buf *b, const ledger_line *l)
{
	uint8_t *to = buf_room(b, 240 + l->body_len), *p = to;
	if (!p)
		return;
	p = be(p, COLUMNS, 2);
	p = number(p, l->of.account, 8);
	p = number(p, l->of.part, 4);
	p = number(p, l->of.currency, 2);
	p = number(p, l->seq, 8);
	p = number(p, l->time - pg_epoch, 8);
	p = number(p, l->amount, 8);
	p = number(p, l->balance, 8);
	p = number(p, l->kind, 2);
	p = unless_zero(p, l->hold);
	p = unless_zero(p, l->held_debit);
	p = unless_zero(p, l->held_credit);
	p = unless_zero(p, l->home);
	p = bytes(p, l->key, 16);
	p = bytes(p, l->hash, 32);
	p = l->body ? bytes(p, l->body, l->body_len) : be(p, UINT32_MAX, 4);
	buf_took(b, (size_t)(p - to));
}

static int by_key(const void *a, const void *b)
{
	const ledger_line *const *x = a, *const *y = b;
	int order = ledger_account_compare(&(*x)->of, &(*y)->of);
	return order ? order : ((*x)->seq > (*y)->seq) - ((*x)->seq < (*y)->seq);
}

/* Sorted by key, so that the index's pages are visited once. */
static hub_status encode(const ledger_line *lines, size_t count, buf *b)
{
	const ledger_line **order = malloc(count * sizeof *order);
	if (!order)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		order[i] = &lines[i];
	qsort(order, count, sizeof *order, by_key);
	buf_put(b, "PGCOPY\n\377\r\n\0", 11);
	buf_be(b, 0, 8); /* flags, header extension */
	for (size_t i = 0; i < count; i++)
		put(b, order[i]);
	buf_be(b, UINT16_MAX, 2);
	free(order);
	return b->bad ? HUB_NOMEM : HUB_OK;
}

static hub_status send(store *db, const buf *b, bool *ret_repeat)
{
	AUTO_RESULT opened = PQexec(db->c, begin);
	if (PQresultStatus(opened) != PGRES_COPY_IN)
		return store_failed(db, opened, "ledger", NULL);
	for (size_t at = 0; at < b->len; at += 1 << 20) {
		size_t left = b->len - at, n = left < 1 << 20 ? left : 1 << 20;
		if (PQputCopyData(db->c, (const char *)b->bytes + at, (int)n) != 1)
			break;
	}
	PQputCopyEnd(db->c, NULL);
	AUTO_RESULT res = PQgetResult(db->c);
	for (PGresult *more; (more = PQgetResult(db->c));)
		PQclear(more);
	if (PQresultStatus(res) == PGRES_COMMAND_OK) {
		*ret_repeat = false;
		return sql_text(db, "release ledger", NULL);
	}
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (!state || strcmp(state, "23505")) /* unique_violation */
		return store_failed(db, res, "ledger", NULL);
	*ret_repeat = true;
	return sql_text(db, "rollback to ledger; release ledger", NULL);
}

hub_status ledger_copy(store *db, const ledger_line *lines, size_t count, bool *ret_repeat)
{
	buf b = { 0 };
	*ret_repeat = false;
	hub_status st = count ? encode(lines, count, &b) : HUB_OK;
	if (st == HUB_OK && count)
		st = send(db, &b, ret_repeat);
	buf_fini(&b);
	return st;
}
