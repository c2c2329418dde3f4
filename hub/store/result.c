#include "store/statement.h"

#include <hub/reader.h>
#include <string.h>

static const int64_t pg_epoch = INT64_C(946684800000000);

static hub_reader cell(const PGresult *r, int row, int col)
{
	return hub_reader_of(PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col));
}

static int64_t integer(hub_reader *in, unsigned width)
{
	uint64_t v = hub_reader_be(in, width);
	unsigned gone = 64 - 8 * width;
	return width ? (int64_t)(v << gone) >> gone : 0;
}

bool get_null(const PGresult *r, int row, int col)
{
	return PQgetisnull(r, row, col);
}

int64_t get_i64(const PGresult *r, int row, int col)
{
	hub_reader in = cell(r, row, col);
	return integer(&in, (unsigned)hub_reader_left(&in));
}

bool get_bool(const PGresult *r, int row, int col)
{
	return get_i64(r, row, col) != 0;
}

static hub_time moment(int64_t pg)
{
	return pg == INT64_MIN || pg == INT64_MAX ? 0 : pg + pg_epoch;
}

hub_time get_time(const PGresult *r, int row, int col)
{
	return get_null(r, row, col) ? 0 : moment(get_i64(r, row, col));
}

hub_value get_value(const PGresult *r, int row, int col)
{
	return (hub_value){ get_i64(r, row, col), (uint8_t)get_i64(r, row, col + 1) };
}

const uint8_t *get_bytes(const PGresult *r, int row, int col, size_t *ret_len)
{
	*ret_len = (size_t)PQgetlength(r, row, col);
	return (const uint8_t *)PQgetvalue(r, row, col);
}

const char *fetch_text(fetch *f, int row, int col)
{
	const char *text = arena_strndup(f->a, PQgetvalue(f->r, row, col), (size_t)PQgetlength(f->r, row, col));
	f->bad |= !text;
	return text;
}

const uint8_t *fetch_bytes(fetch *f, int row, int col, size_t *ret_len)
{
	const uint8_t *bytes = get_bytes(f->r, row, col, ret_len);
	bytes = arena_memdup(f->a, bytes, *ret_len);
	f->bad |= !bytes;
	return bytes;
}

/* Leaves the reader at the first element of a one-dimensional array without NULLs. */
static size_t array_open(hub_reader *in)
{
	if (!hub_reader_left(in) || !hub_reader_u32be(in))
		return 0;
	hub_reader_bytes(in, 8); /* flags, type */
	size_t count = hub_reader_u32be(in);
	hub_reader_u32be(in); /* first subscript */
	return in->bad ? 0 : count;
}

void get_marks(const PGresult *r, int row, int col, bool *marks, size_t n)
{
	hub_reader in = cell(r, row, col);
	for (size_t left = array_open(&in); left; left--) {
		unsigned width = hub_reader_u32be(&in);
		int64_t v = integer(&in, width);
		if (v >= 0 && (size_t)v < n)
			marks[v] = true;
	}
}

static void *array_room(fetch *f, size_t count, size_t size)
{
	void *p = arena_room(f->a, count, size);
	f->bad |= !p;
	return p;
}

static int64_t *fetch_integers(fetch *f, int row, int col, size_t *ret_count)
{
	hub_reader in = cell(f->r, row, col);
	size_t count = array_open(&in);
	int64_t *list = array_room(f, count, sizeof *list);
	for (size_t i = 0; list && i < count; i++) {
		unsigned width = hub_reader_u32be(&in);
		list[i] = integer(&in, width);
	}
	*ret_count = list ? count : 0;
	return list;
}

const int64_t *fetch_i64s(fetch *f, int row, int col, size_t *ret_count)
{
	return fetch_integers(f, row, col, ret_count);
}

const hub_time *fetch_times(fetch *f, int row, int col, size_t *ret_count)
{
	int64_t *list = fetch_integers(f, row, col, ret_count);
	for (size_t i = 0; i < *ret_count; i++)
		list[i] = moment(list[i]);
	return list;
}

const uint16_t *fetch_u16s(fetch *f, int row, int col, size_t *ret_count)
{
	hub_reader in = cell(f->r, row, col);
	size_t count = array_open(&in);
	uint16_t *list = array_room(f, count, sizeof *list);
	for (size_t i = 0; list && i < count; i++) {
		unsigned width = hub_reader_u32be(&in);
		list[i] = (uint16_t)integer(&in, width);
	}
	*ret_count = list ? count : 0;
	return list;
}

const char *const *fetch_texts(fetch *f, int row, int col, size_t *ret_count)
{
	hub_reader in = cell(f->r, row, col);
	size_t count = array_open(&in);
	const char **list = array_room(f, count, sizeof *list);
	for (size_t i = 0; list && i < count; i++) {
		size_t len = hub_reader_u32be(&in);
		const uint8_t *bytes = hub_reader_bytes(&in, len);
		list[i] = arena_strndup(f->a, (const char *)bytes, bytes ? len : 0);
		f->bad |= !list[i];
	}
	*ret_count = list ? count : 0;
	return list;
}

hub_status sql_list(store *db, const char *name, const args *in, arena *a, size_t size, fetch_row row, void *ret,
		    size_t *ret_count)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, name, in, &res, NULL);
	if (st != HUB_OK)
		return st;
	size_t count = (size_t)PQntuples(res);
	fetch f = { res, a, false };
	char *list = arena_array(a, count, size);
	for (size_t i = 0; list && i < count; i++)
		row(&f, (int)i, list + i * size);
	if (!list || f.bad)
		return HUB_NOMEM;
	memcpy(ret, &list, sizeof list);
	*ret_count = count;
	return HUB_OK;
}

hub_status sql_one(store *db, const char *name, const args *in, arena *a, size_t size, fetch_row row, void *ret)
{
	void *list;
	size_t count;
	hub_status st = sql_list(db, name, in, a, size, row, &list, &count);
	if (st == HUB_OK && !count)
		st = HUB_MISSING;
	if (st == HUB_OK)
		memcpy(ret, list, size);
	return st;
}

hub_status sql_number(store *db, const char *name, const args *in, int64_t *ret, hub_fault *fault)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, name, in, &res, fault);
	if (st == HUB_OK && !PQntuples(res))
		st = HUB_MISSING;
	if (st == HUB_OK)
		*ret = get_i64(res, 0, 0);
	return st;
}
