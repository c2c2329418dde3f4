#include "registry/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "registry/csv.h"
#include "registry/load_row.h"

enum { COLUMNS_MAX = 16, PARTIES_PAGE = 1000 };

bool load_kind_parse(const char *name, load_kind *ret)
{
	for (load_kind k = LOAD_PARTIES; k <= LOAD_DEVICES; k++)
		if (!strcmp(name, load_tables[k].name)) {
			*ret = k;
			return true;
		}
	return false;
}

static int column_named(const load_column *columns, const char *name)
{
	for (int i = 0; columns[i].name; i++)
		if (!strcmp(columns[i].name, name))
			return i;
	return -1;
}

/* Which column each cell of a row belongs to. */
static hub_status read_header(csv *file, const load_column *columns, arena *a, int places[CSV_CELLS_MAX],
			      size_t *ret_count, hub_fault *fault)
{
	const char **cells;
	size_t count;
	bool seen[COLUMNS_MAX] = { false };
	hub_status st = csv_next(file, a, &cells, &count, fault);
	if (st == HUB_MISSING)
		return hub_fault_set(fault, "load.empty", "", "the file has no header row; begin with the names of the columns");
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < count; i++) {
		places[i] = column_named(columns, cells[i]);
		if (places[i] < 0 || seen[places[i]])
			return hub_fault_set(fault, "load.column", "", "column '%.40s' is %s; see the list of columns", cells[i],
					     places[i] < 0 ? "not known here" : "there twice");
		seen[places[i]] = true;
	}
	for (int i = 0; columns[i].name; i++)
		if (columns[i].required && !seen[i])
			return hub_fault_set(fault, "load.column", columns[i].name, "column '%s' is required; add it",
					     columns[i].name);
	*ret_count = count;
	return HUB_OK;
}

static int by_code(const void *a, const void *b)
{
	return strcmp(((const party *)a)->code, ((const party *)b)->code);
}

static hub_status load_parties(loader *l, arena *a)
{
	party *all = NULL;
	size_t count = 0;
	for (int64_t after = 0;;) {
		party *page;
		size_t n;
		hub_status st = party_list(l->db, after, PARTIES_PAGE, a, &page, &n);
		if (st != HUB_OK)
			return st;
		if (!n)
			break;
		party *more = arena_array(a, count + n, sizeof *more);
		if (!more)
			return HUB_NOMEM;
		if (count)
			memcpy(more, all, count * sizeof *all);
		memcpy(more + count, page, n * sizeof *page);
		all = more;
		count += n;
		after = page[n - 1].id;
	}
	if (count)
		qsort(all, count, sizeof *all, by_code);
	l->parties = all;
	l->party_count = count;
	return HUB_OK;
}

static hub_status check_row(const loader *l, size_t given, size_t wanted, hub_fault *fault)
{
	if (given != wanted)
		return hub_fault_set(fault, "load.cells", "", "the row has %zu cells and the header %zu; quote commas within cells",
				     given, wanted);
	for (int i = 0; l->columns[i].name; i++)
		if (l->columns[i].required && !*l->cells[i])
			return hub_fault_set(fault, "load.missing", l->columns[i].name, "'%s' is required; fill it in",
					     l->columns[i].name);
	return HUB_OK;
}

/* One row in a scope of its own, so that a refused one leaves no trace. */
static hub_status put_row(loader *l, load_row row, bool update, bool *ret_changed, hub_fault *fault)
{
	bool existed = false, changed = false;
	hub_status st = store_scope(l->db);
	if (st != HUB_OK)
		return st;
	st = row(l, &existed, &changed, fault);
	if (st == HUB_OK && existed && changed && !update) {
		hub_fault_set(fault, "load.conflict", "",
			      "'%.64s' is there already with other content; load with update to change it", l->cells[0]);
		st = HUB_CONFLICT;
	}
	st = store_scope_end(l->db, st);
	if (st == HUB_OK)
		*ret_changed = changed;
	return st;
}

static bool refused(hub_status st)
{
	return st == HUB_REJECT || st == HUB_CONFLICT || st == HUB_MISSING;
}

static hub_status note(load_result *r, size_t *room, size_t line, const hub_fault *why, arena *a)
{
	load_fault *list = arena_grow(a, r->faults, r->fault_count, room, sizeof *list, 16);
	if (!list)
		return HUB_NOMEM;
	r->faults = list;
	r->faults[r->fault_count++] = (load_fault){ line, *why };
	return HUB_OK;
}

typedef struct shape {
	int places[CSV_CELLS_MAX];
	size_t count;
} shape;

static hub_status take_row(loader *l, csv *file, const load_table *t, const shape *header, bool update,
			   load_result *r, hub_fault *why)
{
	const char **cells, *ordered[COLUMNS_MAX];
	size_t count;
	bool changed = false;
	hub_status st = csv_next(file, l->row, &cells, &count, why);
	if (st == HUB_MISSING)
		return st;
	r->rows++;
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < COLUMNS_MAX; i++)
		ordered[i] = "";
	for (size_t i = 0; i < count && i < header->count; i++)
		ordered[header->places[i]] = cells[i];
	l->cells = ordered;
	st = check_row(l, count, header->count, why);
	if (st == HUB_OK)
		st = put_row(l, t->row, update, &changed, why);
	if (st == HUB_OK)
		(*(changed ? &r->loaded : &r->unchanged))++;
	return st == HUB_MISSING ? HUB_REJECT : st; /* of something the row names */
}

static hub_status load_all(loader *l, csv *file, const load_table *t, const shape *header, bool update, arena *a,
			   load_result *r, hub_fault *fault)
{
	size_t room = 0;
	hub_status st = load_parties(l, a);
	while (st == HUB_OK) {
		hub_fault why = { "load.row", "", "" };
		arena_reset(l->row);
		st = take_row(l, file, t, header, update, r, &why);
		if (st == HUB_MISSING)
			return HUB_OK;
		if (refused(st))
			st = note(r, &room, file->line, &why, a);
		else if (st != HUB_OK && fault)
			*fault = why;
	}
	return st;
}

hub_status registry_load(store *db, load_kind kind, const void *bytes, size_t len, bool update, arena *a,
			 load_result *ret, hub_fault *fault)
{
	const load_table *t = &load_tables[kind];
	arena row;
	shape header;
	load_result r = { 0 };
	csv file = csv_of(bytes, len);
	arena_init(&row, 0);
	loader l = { .db = db, .row = &row, .columns = t->columns };
	hub_status st = read_header(&file, t->columns, &row, header.places, &header.count, fault);
	if (st == HUB_OK)
		st = store_begin(db);
	if (st == HUB_OK) {
		st = load_all(&l, &file, t, &header, update, a, &r, fault);
		if (st == HUB_OK)
			st = store_commit(db);
		else
			store_rollback(db);
	}
	arena_fini(&row);
	if (st == HUB_OK)
		*ret = r;
	return st;
}
