#include <string.h>

#include "store/connection.h"
#include "store/series_rows.h"

/* COPY costs two more round trips than an insert; after a repeat the next ones are likely too. */
enum { WORTH = 256, WARY = 16, COLUMNS = 11 };

static const char begin[] = "savepoint series; copy reading (" SERIES_COPY_COLUMNS ") from stdin (format binary)";
static const int64_t pg_epoch = INT64_C(946684800000000);

static void put(buf *b, int64_t v, unsigned width)
{
	buf_be(b, width, 4);
	buf_be(b, (uint64_t)v, width);
}

static void put_row(buf *b, const series_slot *slot, uint64_t receipt)
{
	const series_row *r = slot->row;
	size_t len = strlen(r->channel);
	buf_be(b, COLUMNS, 2);
	put(b, r->point, 8);
	put(b, (int64_t)receipt, 8);
	put(b, r->time - pg_epoch, 8);
	put(b, r->start - pg_epoch, 8);
	put(b, r->value.digits, 8);
	put(b, r->flags, 4);
	put(b, r->quantity, 2);
	put(b, slot->item, 2);
	put(b, r->kind, 2);
	put(b, r->value.scale, 2);
	buf_be(b, len, 4);
	buf_put(b, r->channel, len);
}

void series_copy_pack(buf *b, const series_slot *const *rows, size_t n, uint64_t receipt)
{
	buf_put(b, "PGCOPY\n\377\r\n\0", 11);
	buf_be(b, 0, 4); /* flags */
	buf_be(b, 0, 4); /* header extension */
	for (size_t i = 0; i < n; i++)
		put_row(b, rows[i], receipt);
	buf_be(b, UINT16_MAX, 2);
}

/* What COPY came to. If its end could not even be sent, the connection is still in it. */
static PGresult *finish(PGconn *c)
{
	PGresult *res = PQgetResult(c);
	if (PQresultStatus(res) == PGRES_COPY_IN)
		return res;
	for (PGresult *more; (more = PQgetResult(c));)
		PQclear(more);
	return res;
}

static bool is_repeat(const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	return state && !strcmp(state, "23505"); /* unique_violation */
}

hub_status series_copy_send(store *db, const char *start, const char *keep, const char *undo, const buf *b, bool *ret_done)
{
	AUTO_RESULT opened = PQexec(db->c, start);
	if (PQresultStatus(opened) != PGRES_COPY_IN)
		return store_failed(db, opened, "copy", NULL);
	bool sent = PQputCopyData(db->c, (const char *)b->bytes, (int)b->len) == 1;
	PQputCopyEnd(db->c, sent ? NULL : "the rows could not be sent");
	AUTO_RESULT res = finish(db->c);
	if (PQresultStatus(res) == PGRES_COMMAND_OK) {
		*ret_done = true;
		return sql_text(db, keep, NULL);
	}
	if (!is_repeat(res))
		return store_failed(db, res, "copy", NULL);
	db->wary = WARY;
	*ret_done = false;
	return sql_text(db, undo, NULL);
}

hub_status series_copy(store *db, const series_slot *const *rows, size_t n, uint64_t receipt, bool *ret_done)
{
	if (n < WORTH || db->wary > 0 || !db->in_transaction) {
		db->wary -= n >= WORTH && db->wary > 0;
		*ret_done = false;
		return HUB_OK;
	}
	buf b = { 0 };
	series_copy_pack(&b, rows, n, receipt);
	hub_status st = b.bad ? HUB_NOMEM : series_copy_send(db, begin, "release series",
						      "rollback to series; release series", &b, ret_done);
	buf_fini(&b);
	return st;
}
