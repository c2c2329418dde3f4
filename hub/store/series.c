#include "store/series.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/series_rows.h"

/* A row of this call that becomes a later version. */
typedef struct revision {
	const series_slot *slot;
	int32_t version;
	hub_time recorded;
} revision;

static int compare(const void *a, const void *b)
{
	const series_slot *x = a, *y = b;
	int order = series_key_compare(x->row, y->row);
	return order ? order : (x->item > y->item) - (x->item < y->item);
}

/* Key order makes the index's pages be visited once and two writers take keys in the same order. */
static void arrange(series_slot *slots, const series_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		slots[i] = (series_slot){ &rows[i], (uint16_t)i, false, false };
	qsort(slots, count, sizeof *slots, compare);
	for (size_t i = 0; i < count; i++)
		slots[i].head = !i || series_key_compare(slots[i].row, slots[i - 1].row);
}

static bool same_value(hub_value a, hub_value b)
{
	__int128 x = a.digits, y = b.digits;
	for (; a.scale < b.scale; a.scale++)
		x *= 10;
	for (; b.scale < a.scale; b.scale++)
		y *= 10;
	return x == y;
}

/* The ten columns that the two inserts share, of the slots that `pick` names. */
static void arg_columns(args *in, const series_slot *const *pick, size_t n)
{
	arg_array(in, OID_I64, n);
	for (size_t i = 0; i < n; i++)
		item_i64(in, pick[i]->row->point);
	arg_array(in, OID_TIME, n);
	for (size_t i = 0; i < n; i++)
		item_time(in, pick[i]->row->time);
	arg_array(in, OID_TIME, n);
	for (size_t i = 0; i < n; i++)
		item_time(in, pick[i]->row->start);
	arg_array(in, OID_I64, n);
	for (size_t i = 0; i < n; i++)
		item_i64(in, pick[i]->row->value.digits);
	arg_array(in, OID_I32, n);
	for (size_t i = 0; i < n; i++)
		item_i32(in, (int32_t)pick[i]->row->flags);
	arg_array(in, OID_I16, n);
	for (size_t i = 0; i < n; i++)
		item_i16(in, (int16_t)pick[i]->row->quantity);
	arg_array(in, OID_I16, n);
	for (size_t i = 0; i < n; i++)
		item_i16(in, (int16_t)pick[i]->item);
	arg_array(in, OID_I16, n);
	for (size_t i = 0; i < n; i++)
		item_i16(in, pick[i]->row->kind);
	arg_array(in, OID_I16, n);
	for (size_t i = 0; i < n; i++)
		item_i16(in, pick[i]->row->value.scale);
	arg_array(in, OID_TEXT, n);
	for (size_t i = 0; i < n; i++)
		item_text(in, pick[i]->row->channel);
}

/* First versions of those whose keys are new; marks their items unless it is all. */
static hub_status insert_some(store *db, const series_slot *const *rows, size_t n, uint64_t receipt, bool *ret_all,
			      bool *stored)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)receipt);
	arg_columns(&in, rows, n);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "series_insert", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	*ret_all = (size_t)get_i64(res, 0, 0) == n;
	get_marks(res, 0, 1, stored, SERIES_WRITE_MAX);
	return HUB_OK;
}

/* First versions of all heads at once; marks which were not there before. */
static hub_status insert(store *db, series_slot *slots, size_t count, uint64_t receipt, const series_slot **pick, bool *ret_all)
{
	size_t heads = 0;
	for (size_t i = 0; i < count; i++)
		if (slots[i].head)
			pick[heads++] = &slots[i];
	bool all, stored[SERIES_WRITE_MAX] = { false };
	hub_status st = series_copy(db, pick, heads, receipt, &all);
	if (st == HUB_OK && !all)
		st = insert_some(db, pick, heads, receipt, &all, stored);
	if (st != HUB_OK)
		return st;
	*ret_all = all && heads == count;
	for (size_t i = 0; i < count; i++)
		slots[i].inserted = slots[i].head && (all || stored[slots[i].item]);
	return HUB_OK;
}

/* The newest version of each key whose run has more to it than a first insert; `ord` is its slot. */
static hub_status latest(store *db, const series_slot *slots, const size_t *runs, size_t n, PGresult **ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_array(&in, OID_I32, n);
	for (size_t i = 0; i < n; i++)
		item_i32(&in, (int32_t)runs[i]);
	arg_array(&in, OID_I64, n);
	for (size_t i = 0; i < n; i++)
		item_i64(&in, slots[runs[i]].row->point);
	arg_array(&in, OID_I16, n);
	for (size_t i = 0; i < n; i++)
		item_i16(&in, (int16_t)slots[runs[i]].row->quantity);
	arg_array(&in, OID_TEXT, n);
	for (size_t i = 0; i < n; i++)
		item_text(&in, slots[runs[i]].row->channel);
	arg_array(&in, OID_TIME, n);
	for (size_t i = 0; i < n; i++)
		item_time(&in, slots[runs[i]].row->time);
	arg_array(&in, OID_TIME, n);
	for (size_t i = 0; i < n; i++)
		item_time(&in, slots[runs[i]].row->start);
	arg_array(&in, OID_I16, n);
	for (size_t i = 0; i < n; i++)
		item_i16(&in, slots[runs[i]].row->kind);
	return sql_run(db, "series_latest", &in, ret, NULL);
}

/* One run of equal keys against the newest version stored: what each row is. */
static size_t judge(const series_slot *slots, size_t from, size_t count, const PGresult *res, int row,
		    series_outcome *outcomes, revision *revisions)
{
	int32_t version = (int32_t)get_i64(res, row, 1);
	hub_value value = get_value(res, row, 2);
	hub_time recorded = get_time(res, row, 4), now = get_time(res, row, 5);
	size_t made = 0;
	for (size_t i = from; i < count && (i == from || !slots[i].head); i++) {
		const series_slot *s = &slots[i];
		if (s->inserted)
			continue;
		if (same_value(s->row->value, value)) {
			outcomes[s->item] = SERIES_DUPLICATE;
			continue;
		}
		outcomes[s->item] = SERIES_VERSION;
		value = s->row->value;
		recorded = now > recorded ? now : recorded + 1;
		revisions[made++] = (revision){ s, ++version, recorded };
	}
	return made;
}

static hub_status insert_versions(store *db, const revision *list, size_t n, uint64_t receipt, const series_slot **pick)
{
	if (!n)
		return HUB_OK;
	for (size_t i = 0; i < n; i++)
		pick[i] = list[i].slot;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)receipt);
	arg_columns(&in, pick, n);
	arg_array(&in, OID_TIME, n);
	for (size_t i = 0; i < n; i++)
		item_time(&in, list[i].recorded);
	arg_array(&in, OID_I32, n);
	for (size_t i = 0; i < n; i++)
		item_i32(&in, list[i].version);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "series_version", &in, &res, NULL);
	if (st != HUB_OK || sql_rows(res) == n)
		return st;
	store_rollback(db); /* another wrote the same version meanwhile: the caller starts anew */
	return HUB_AGAIN;
}

typedef struct work {
	series_slot slots[SERIES_WRITE_MAX];
	const series_slot *pick[SERIES_WRITE_MAX];
	size_t runs[SERIES_WRITE_MAX];
	revision revisions[SERIES_WRITE_MAX];
} work;

static hub_status revise(store *db, work *w, size_t count, uint64_t receipt, series_outcome *outcomes)
{
	size_t n = 0, made = 0;
	for (size_t i = 0; i < count; i++)
		if (w->slots[i].head && (!w->slots[i].inserted || (i + 1 < count && !w->slots[i + 1].head)))
			w->runs[n++] = i;
	AUTO_RESULT res = NULL;
	hub_status st = latest(db, w->slots, w->runs, n, &res);
	if (st != HUB_OK)
		return st;
	if ((size_t)PQntuples(res) != n) { /* the row in our way is gone again */
		store_rollback(db);
		return HUB_AGAIN;
	}
	for (int i = 0; i < PQntuples(res); i++)
		made += judge(w->slots, (size_t)get_i64(res, i, 0), count, res, i, outcomes, w->revisions + made);
	return insert_versions(db, w->revisions, made, receipt, w->pick);
}

hub_status series_write(store *db, const series_row *rows, size_t count, uint64_t receipt,
			series_outcome *ret_outcomes)
{
	assert(count <= SERIES_WRITE_MAX);
	if (!count)
		return HUB_OK;
	work *w = fail_malloc(sizeof *w);
	series_outcome *outcomes = fail_malloc(count * sizeof *outcomes);
	hub_status st = w && outcomes ? HUB_OK : HUB_NOMEM;
	bool all = false;
	if (st == HUB_OK) {
		arrange(w->slots, rows, count);
		for (size_t i = 0; i < count; i++)
			outcomes[i] = SERIES_NEW;
		st = insert(db, w->slots, count, receipt, w->pick, &all);
	}
	if (st == HUB_OK && !all)
		st = revise(db, w, count, receipt, outcomes);
	if (st == HUB_OK)
		memcpy(ret_outcomes, outcomes, count * sizeof *outcomes);
	free(outcomes);
	free(w);
	return st;
}
